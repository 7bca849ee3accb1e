"""The rules of the tree that no linter knows: sizes, docstrings, tests, kernels, names.

Which folder may import which is in pyproject.toml, for ``lint-imports``.
"""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "sgrna_estimator"
TESTS = ROOT / "tests"
MODULES = sorted(PACKAGE.rglob("*.py"))
FOLDERS = sorted(path.parent for path in PACKAGE.rglob("*/__init__.py"))
SKLEARN_PRIVATE = PACKAGE / "_sklearn_private.py"

MOST_LINES = 500
MOST_LINES_OF_A_BODY = 60

_BY_SUBJECT = "what fits do is tested in files of one subject each"
_NOTHING_TO_TEST = "declares names and computes nothing"
# Why a module has no test file of its own.
WITHOUT_TESTS = {
    "_sklearn_private.py": _NOTHING_TO_TEST,
    "_typing.py": _NOTHING_TO_TEST,
    "_version.py": _NOTHING_TO_TEST,
    "exceptions.py": _NOTHING_TO_TEST,
    "cli/options.py": "declares options: tests of the commands take them",
    "datasets/descriptions.py": "texts: tests/datasets/test_published.py",
    "network/base.py": _BY_SUBJECT,
    "network/beginning.py": "tests/network/test_prior.py and test_starts.py",
    "network/descent_kernels.py": "tests/network/test_kernels.py: called from there only",
    "network/parameters.py": _NOTHING_TO_TEST,
    "network/regressor.py": _BY_SUBJECT,
    "network/training.py": _BY_SUBJECT,
    "network/vector_kernels.py": "tests/network/test_kernels.py: called from there only",
    "report/pictures.py": "what figures share: tests/report/test_figures.py",
    "scoring/blocks.py": "tests/scoring/test_scorer.py: blocks make no difference",
    "scoring/parts.py": "tests/scoring/test_scorer.py: the same as pipelines",
    "sites/kernels.py": "tests/sites/test_search.py: a slow search finds the same",
    "plotting/style.py": "seen in the displays, and tested with them",
}


@cache
def parse(path):
    return ast.parse(path.read_text())


def name_of(path):
    return path.relative_to(PACKAGE).as_posix()


def lines_of_body(function):
    """Count the lines of a function after its signature and docstring."""
    body = function.body
    if ast.get_docstring(function, clean=False) is not None:
        body = body[1:]
    if not body:
        return 0
    return body[-1].end_lineno - body[0].lineno + 1


def imports(path):
    """Yield (module, name) of all that a file imports; the name is None for a module."""
    for node in ast.walk(parse(path)):
        if isinstance(node, ast.Import):
            yield from ((alias.name, None) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from ((node.module or "", alias.name) for alias in node.names)


def check_none(offenders):
    """Fail with all offenders, one a line."""
    offenders = list(offenders)
    assert not offenders, "\n".join(["", *offenders])


def is_private(name):
    return name.startswith("_") and not name.startswith("__")


# ---- sizes ---------------------------------------------------------------------------


@pytest.mark.parametrize("folder", [PACKAGE, TESTS], ids=lambda path: path.name)
def test_no_module_is_too_long(folder):
    long = []
    for path in sorted(folder.rglob("*.py")):
        n_lines = len(path.read_text().splitlines())
        if n_lines > MOST_LINES:
            long.append(f"{path.relative_to(ROOT).as_posix()}: {n_lines} lines")
    check_none(long)


def test_no_function_is_too_long():
    long = []
    for path in MODULES:
        for node in ast.walk(parse(path)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                n_lines = lines_of_body(node)
                if n_lines > MOST_LINES_OF_A_BODY:
                    long.append(f"{name_of(path)}: {node.name}, {n_lines} lines")
    check_none(long)


def test_signatures_and_docstrings_do_not_count():
    source = (
        'def f(\n    a,\n):\n    """Say.\n\n    More.\n    """\n'
        "    b = a\n\n    return (\n        b\n    )\n"
    )
    assert lines_of_body(ast.parse(source).body[0]) == 5
    assert lines_of_body(ast.parse('def f():\n    """Say."""\n').body[0]) == 0


# ---- what folders and modules say ----------------------------------------------------


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda path: path.name)
def test_folders_say_what_comes_in_and_what_goes_out(folder):
    docstring = ast.get_docstring(parse(folder / "__init__.py")) or ""
    assert re.search(r" <?-> ", docstring.partition("\n\n")[0])


def test_modules_say_what_they_are():
    check_none(name_of(path) for path in MODULES if not ast.get_docstring(parse(path)))


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda path: path.name)
def test_the_layout_lists_every_folder(folder):
    text = (ROOT / "docs" / "contributing.rst").read_text()
    assert f"      {folder.name}/  " in text


# ---- tests ---------------------------------------------------------------------------


def place_of_tests(path):
    """Return where the tests of a module are."""
    folder = TESTS / path.parent.relative_to(PACKAGE)
    return folder / f"test_{path.stem.strip('_')}.py"


def test_every_module_has_tests():
    without = {
        name_of(path)
        for path in MODULES
        if path.name != "__init__.py" and not place_of_tests(path).exists()
    }
    check_none(sorted(without - set(WITHOUT_TESTS)))
    # those that have tests by now, or are no more, need no reason
    check_none(sorted(set(WITHOUT_TESTS) - without))


# ---- kernels -------------------------------------------------------------------------


def is_kernel_file(path):
    return path.name.endswith("kernels.py")


def test_only_kernel_files_are_compiled():
    # The cache of compiled functions knows kernel files by their name.
    compilers = {"numba", "llvmlite", "sgrna_estimator._compiling"}
    compiled = [
        path
        for path in MODULES
        if any(
            module in compilers or module.split(".")[0] in compilers
            for module, _ in imports(path)
        )
    ]
    others = {name_of(path) for path in compiled if not is_kernel_file(path)}
    assert others == {"_compiling.py"}


def test_kernels_know_nothing_but_kernels_of_their_folder():
    # The cache notices changes in them, and in nothing else.
    allowed = {
        "collections",
        "llvmlite",
        "numba",
        "numpy",
        "sgrna_estimator._compiling",
    }
    wrong = []
    for path in filter(is_kernel_file, MODULES):
        folder = f"sgrna_estimator.{path.parent.name}"
        siblings = {f"{folder}.{each.stem}" for each in path.parent.glob("*kernels.py")}
        wrong += [
            f"{name_of(path)}: {module}"
            for module, _ in imports(path)
            if module not in siblings | allowed and module.split(".")[0] not in allowed
        ]
    check_none(wrong)


# ---- private names -------------------------------------------------------------------


def test_private_names_stay_in_their_folder():
    wrong = []
    for path in MODULES:
        for module, name in imports(path):
            if not module.startswith("sgrna_estimator.") or not is_private(name or ""):
                continue
            home = PACKAGE.joinpath(*module.split(".")[1:]).with_suffix(".py")
            if home != SKLEARN_PRIVATE and home.parent != path.parent:
                wrong.append(f"{name_of(path)}: {module}.{name}")
    check_none(wrong)


def test_scikit_learns_private_names_come_in_by_one_door():
    wrong = [
        f"{name_of(path)}: {module}.{name}"
        for path in MODULES
        if path != SKLEARN_PRIVATE
        for module, name in imports(path)
        if module.split(".")[0] == "sklearn"
        and any(map(is_private, [*module.split("."), name or ""]))
    ]
    check_none(wrong)
