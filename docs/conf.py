"""Sphinx configuration."""

import sgrna_estimator

project = "sgrna_estimator"
author = "The sgrna_estimator developers"
copyright = "2026, The sgrna_estimator developers"
release = version = sgrna_estimator.__version__

extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.mathjax",
    "numpydoc",
]
autosummary_generate = True
numpydoc_show_class_members = False
numpydoc_xref_param_type = False
exclude_patterns = ["_build"]
templates_path = ["_templates"]
html_theme = "pydata_sphinx_theme"
html_theme_options = {
    "show_prev_next": False,
    "secondary_sidebar_items": ["page-toc"],
    "icon_links": [],
}
nitpicky = False
