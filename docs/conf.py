"""Sphinx configuration."""

from sphinx_gallery.sorting import ExplicitOrder

import sgrna_estimator

project = "sgrna_estimator"
author = "The sgrna_estimator developers"
copyright = "2026, The sgrna_estimator developers"
release = version = sgrna_estimator.__version__

extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.mathjax",
    "sphinx-mathjax-offline",  # formulas are readable without a network
    "numpydoc",
    "sphinx_gallery.gen_gallery",
]
autosummary_generate = True
autodoc_typehints = "none"  # docstrings say what parameters are, in words
toc_object_entries_show_parents = "hide"
numpydoc_show_class_members = False
numpydoc_xref_param_type = False
exclude_patterns = ["_build", "examples", "auto_examples/*.py"]
templates_path = ["_templates"]

# In the order of the gallery.
examples = [
    "plot_getting_started",
    "plot_comparison",
    "plot_prior",
    "plot_observed_vs_predicted",
    "plot_base_effects",
    "plot_interactions",
    "plot_loss_curves",
    "plot_search",
    "plot_mixture",
]
sphinx_gallery_conf = {
    "examples_dirs": "examples",
    "gallery_dirs": "auto_examples",
    "within_subsection_order": ExplicitOrder([f"{name}.py" for name in examples]),
    # Pages of the reference list the examples that use what they describe.
    "backreferences_dir": "api/generated/backreferences",
    "doc_module": ("sgrna_estimator",),
    "reset_modules": ("matplotlib", "seaborn"),
    "image_srcset": ["2x"],
    # The picture is the result, not the object that drew it.
    "ignore_repr_types": r"sgrna_estimator\.plotting|matplotlib",
    # How long an example took says more about the machine than about the package.
    "write_computation_times": False,
    "min_reported_time": float("inf"),
    "show_signature": False,
    "download_all_examples": False,
}

html_theme = "pydata_sphinx_theme"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_title = f"{project} {version}"
html_sidebars = {"getting_started": []}  # no pages below or beside it
html_theme_options = {
    "logo": {"text": project},
    "navbar_align": "left",
    "show_prev_next": False,
    # Examples have wide code and few sections.
    "secondary_sidebar_items": {
        "**": ["page-toc"],
        **{f"auto_examples/{name}": [] for name in examples},
    },
    "icon_links": [],
}

# Every reference must lead somewhere. Those to other packages cannot be looked up,
# because documentation is built without a network.
nitpicky = True
nitpick_ignore_regex = [
    (
        "py:.*",
        r"(sklearn|numpy|pandas|scipy|matplotlib|seaborn|logomaker|pathlib)\..*",
    ),
]
