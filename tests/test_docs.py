"""The pages name what is there: links, names of the reference, commands and options.

References between pages are checked by Sphinx, and code in them runs as doctests.
"""

import re
import shlex
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import typer.main

import sgrna_estimator
from sgrna_estimator import datasets, exceptions, metrics, plotting, sites, storage
from sgrna_estimator.baselines.catalogue import MODELS
from sgrna_estimator.cli.app import app
from sgrna_estimator.cli.decision_file import BEST

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = [
    ROOT / "README.md",
    ROOT / "CHANGELOG.md",
    *sorted(DOCS.glob("*.rst")),
    *sorted((DOCS / "examples").glob("*.*")),
]
COMMANDS = typer.main.get_command(app).commands


def each_page(function):
    return pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)(function)


# Links --------------------------------------------------------------------------------


def linked_files(text, suffix):
    """Return the files that a text shows or links to, relative to its folder."""
    if suffix == ".md":
        targets = re.findall(r"\]\(([^)\s#]+)", text)
        return [target for target in targets if "://" not in target]
    directive = r"^\s*\.\. (?:figure|image|literalinclude|include):: (\S+)"
    return re.findall(directive, text, flags=re.MULTILINE)


def addresses(text):
    """Return the addresses in a text, without the marks that end them."""
    found = re.findall(r"\b[a-z]+://[^\s<>`\"')\]]+", text)
    return [address.rstrip(".,;:") for address in found]


def is_sound(address):
    parts = urlsplit(address)
    return (
        parts.scheme == "https"
        and re.fullmatch(r"([a-z0-9-]+\.)+[a-z]{2,}", parts.netloc) is not None
        and re.fullmatch(r"(/[\w.~%@:()+-]+)*/?", parts.path) is not None
    )


@each_page
def test_linked_files_exist(page):
    links = linked_files(page.read_text(), page.suffix)
    assert not [link for link in links if not (page.parent / link).exists()]


@each_page
def test_files_that_are_named_exist(page):
    named = re.findall(
        r"\b(?:benchmarks|tests|docs)/[\w/.-]*\w\.(?:py|png|rst)\b", page.read_text()
    )
    assert not [name for name in named if not (ROOT / name).exists()]


@each_page
def test_anchors_within_markdown_exist(page):
    text = page.read_text()
    wanted = set(re.findall(r"\]\(#([^)]+)\)", text))
    headings = re.findall(r"^#+ (.+)$", text, flags=re.MULTILINE)
    there = {
        re.sub(r"[^\w -]", "", each.lower()).replace(" ", "-") for each in headings
    }
    assert wanted <= there


@each_page
def test_addresses_are_sound(page):
    found = addresses(page.read_text())
    assert not [address for address in found if not is_sound(address)]


def test_links_are_found():
    rst = (
        "See `it <https://a.org/b>`__, https://a.org/c.\n\n.. figure:: figures/d.png\n"
    )
    assert addresses(rst) == ["https://a.org/b", "https://a.org/c"]
    assert linked_files(rst, ".rst") == ["figures/d.png"]
    markdown = "![A plot.](docs/e.png) [there](https://a.org) [here](f.md#part)"
    assert addresses(markdown) == ["https://a.org"]
    assert linked_files(markdown, ".md") == ["docs/e.png", "f.md"]


@pytest.mark.parametrize(
    ("address", "sound"),
    [
        ("https://doi.org/10.1038/nbt.3437", True),
        ("https://github.com/gpp-rnd/rs3/blob/master/README.md", True),
        ("http://doi.org/10.1038/nbt.3437", False),
        ("https://doi.org//10.1038", False),
        ("https://doi/10.1038", False),
        ("https://doi.org/10.1038|nbt", False),
    ],
)
def test_soundness(address, sound):
    assert is_sound(address) is sound


# Reference ----------------------------------------------------------------------------


def public_names():
    submodules = {
        "datasets": datasets,
        "exceptions": exceptions,
        "metrics": metrics,
        "plotting": plotting,
        "sites": sites,
        "storage": storage,
    }
    yield from sorted(set(sgrna_estimator.__all__) - set(submodules))
    for name, module in submodules.items():
        yield from (f"{name}.{public}" for public in module.__all__)


@pytest.mark.parametrize("name", list(public_names()))
def test_reference_lists(name):
    listed = re.findall(r"^    ([\w.]+)$", (DOCS / "api.rst").read_text(), re.MULTILINE)
    assert name in listed


# Command line -------------------------------------------------------------------------


def options(command):
    """Return the options of a command, as ``--help`` shows them."""
    named = {name for parameter in command.params for name in parameter.opts}
    return {name for name in named if name.startswith("-")} | {"--help", "-h"}


def invocations(text):
    """Return the command lines in a text, as lists of words after the program's name."""
    joined = re.sub(r"\\\n\s*", " ", text)
    for line in re.findall(r"sgrna-estimator +([a-z][^\n`]*)", joined):
        try:
            yield shlex.split(line, comments=True)
        except ValueError:  # a sentence with an apostrophe, not a command line
            yield line.split()


def inline_options(text):
    """Return the options that a text names in literals of their own."""
    literals = re.findall(r"`(--?[a-z][^`]*)`", text)
    return {literal.split()[0] for literal in literals}


@each_page
def test_commands_and_options_exist(page):
    wrong = []
    for command, *words in invocations(page.read_text()):
        if command not in COMMANDS:
            wrong.append(command)
            continue
        known = options(COMMANDS[command])
        wrong += [
            f"{command} {word}"
            for word in words
            if re.match(r"--?[a-z]", word) and word.partition("=")[0] not in known
        ]
    assert not wrong


@each_page
def test_options_in_literals_exist(page):
    known = set().union(*map(options, COMMANDS.values()))
    assert inline_options(page.read_text()) <= known


@each_page
def test_models_exist(page):
    named = re.findall(r"--model +([a-z]\w*)", page.read_text())
    assert set(named) <= {*MODELS, BEST}


def test_command_lines_are_found():
    text = """
    .venv/bin/sgrna-estimator compare a.tsv --sequence "a column" \\
        --target y  # the answer

    ``sgrna-estimator fit``, with ``--model ridge`` and ``-o``.
    """
    assert list(invocations(text)) == [
        ["compare", "a.tsv", "--sequence", "a column", "--target", "y"],
        ["fit"],
    ]
    assert inline_options(text) == {"--model", "-o"}


def test_every_command_is_shown():
    shown = {words[0] for page in PAGES for words in invocations(page.read_text())}
    assert set(COMMANDS) <= shown
