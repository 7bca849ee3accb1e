"""The commands that follow from a comparison."""

import shlex
from collections.abc import Mapping, Sequence
from inspect import signature
from typing import TYPE_CHECKING, Any

from sgrna_estimator.baselines.catalogue import MODELS
from sgrna_estimator.cli.decision_file import BEST
from sgrna_estimator.cli.fit import fit
from sgrna_estimator.cli.terminal import PROGRAM

if TYPE_CHECKING:
    from sgrna_estimator.comparison.decision import Decision

_PUBLISHED = "kim2019"  # the screen to begin from where none was named

_ON_YOUR_OWN = (
    *("compare", "TABLE.tsv", "--sequence", "COLUMN", "--target", "COLUMN"),
    *("--groups", "COLUMN"),
)


def next_command(
    decision: "Decision", given: Mapping[str, Any], typed: Sequence[str]
) -> str | None:
    """Return what to do after a comparison.

    Parameters
    ----------
    decision : Decision
        Of the comparison.
    given : mapping of str to object
        Options of the command ``compare``.
    typed : sequence of str
        The command as it was typed, without the program.

    Returns
    -------
    str or None
        A line for a shell: how to fit the recommended model; after a simulated screen, how
        to compare on a table; where no model is recommended, how to begin from a published
        screen, if these guides are known to be of its kind, or else None.
    """
    if not given["tables"]:
        return shlex.join([PROGRAM, *_ON_YOUR_OWN])
    if (
        decision.answer == "no"
        and given["prior"] is None
        and _is_spcas9(given["layout"])
    ):
        also = ["--model", "network_prior"] if given["model"] else []
        return shlex.join([PROGRAM, *typed, "--prior", _PUBLISHED, *also])
    return next(iter(commands_to_use_it(decision, given)), None)


def _is_spcas9(layout: str | None) -> bool:
    """Tell whether guides have a spacer and a PAM as published screens do."""
    from sgrna_estimator.sequences.layout import GuideLayout

    if layout is None:
        return False
    own = GuideLayout.parse(layout)
    return (own.spacer_length, own.pam_length, own.pam_first) == (20, 3, False)


def commands_to_use_it(decision: "Decision", given: Mapping[str, Any]) -> list[str]:
    """Return how to fit the model of a decision to all guides, look at it, and use it.

    Parameters
    ----------
    decision : Decision
        Of the comparison.
    given : mapping of str to object
        Options of the command ``compare``.

    Returns
    -------
    list of str
        Lines for a shell, the next one first. Empty if no model is recommended, or there
        is no table to fit it to.
    """
    from sgrna_estimator.report.fits import LINEAR

    best = decision.model
    if best is None or best not in MODELS or not given["tables"]:
        return []
    model = MODELS[best]
    left_out = {"tables", "output", "model", "cv", "decision"}
    if not (given["score"] or model.target == "log2fc"):
        left_out |= {"screens"}
    if not model.needs_prior:
        left_out |= {"prior"}
    if model.family != "network" or given["networks"] == 1:
        left_out |= {"networks"}  # which fit has more of by default
    if not model.takes_bounds:
        left_out |= {"bounds"}
    which = ["--model", best]
    if given["decision"] is not None:
        which = ["--model", BEST, "--decision", given["decision"]]
    arguments = ["fit", *given["tables"], "-o", "model.sgrna", *which]
    for name, parameter in signature(fit).parameters.items():
        if name in left_out or given[name] == parameter.default:
            continue
        if value := given[name]:
            arguments += _words(f"--{name.replace('_', '-')}", value)
    commands = [arguments]
    if model.family == "network" or best in LINEAR:
        shown = ["effects", "model.sgrna", "-o", "effects.png"]
        layout = given["layout"]
        commands.append(shown + (["--layout", layout] if layout else []))
    commands.append(["predict", "model.sgrna", "CANDIDATES.tsv", "-o", "scores.tsv"])
    return [shlex.join([PROGRAM, *map(str, each)]) for each in commands]


def _words(option: str, value: Any) -> list[Any]:
    """Return an option with its value; with those of a list, once for each."""
    if value is True:
        return [option]
    if isinstance(value, tuple):  # of numbers
        return [option, *(repr(each).removesuffix(".0") for each in value)]
    if isinstance(value, list):
        return [word for each in value for word in (option, each)]
    return [option, value]
