"""The file by which ``fit --model best`` follows what ``compare`` decided."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sgrna_estimator.cli.terminal import Stop
from sgrna_estimator.storage.whole_files import write

if TYPE_CHECKING:
    from sgrna_estimator.comparison.decision import Decision
    from sgrna_estimator.datasets import GuideTable

# What --model calls the model of such a file.
BEST = "best"


def write_decision(decision: "Decision", screen: "GuideTable", path: Path) -> None:
    """Write what was decided on a screen, as JSON.

    Parameters
    ----------
    decision : Decision
    screen : GuideTable
        The guides that were compared on.
    path : Path
        The file; one that is there is replaced.
    """
    from sgrna_estimator import __version__

    content = {
        "sgrna_estimator": __version__,
        **_without_nan(asdict(decision)),
        "sentences": decision.sentences,
        "guides": _fingerprint(screen),
    }
    text = json.dumps(content, indent=2, ensure_ascii=False) + "\n"
    write(path, lambda file: file.write_text(text, encoding="utf-8"))


def read_best(path: Path, screen: "GuideTable") -> str:
    """Return the model that a comparison of the same guides recommends.

    Parameters
    ----------
    path : Path
        A file that `write_decision` wrote.
    screen : GuideTable
        The guides to fit to.

    Returns
    -------
    str
        A key of ``MODELS``.

    Raises
    ------
    Stop
        If the file cannot be read, is of other guides, or recommends none.
    """
    from sgrna_estimator.baselines.catalogue import MODELS

    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        model, headline, guides = (
            content[key] for key in ("model", "headline", "guides")
        )
        if not (isinstance(model, str | None) and isinstance(headline, str)):
            raise TypeError("a model or a headline that is no text")
    except OSError as error:
        raise Stop(f"{path}: {error.strerror}") from error
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise Stop(f"{path}: is not a file that compare --decision wrote") from error
    if guides != _fingerprint(screen):
        raise Stop(
            f"{path}: is of a comparison on other guides than those of {screen.name}, or "
            "with another column of measurements: compare on these tables first"
        )
    if model is None:
        raise Stop(
            f"{path}: the comparison recommends no model ({headline} --model NAME fits "
            "one all the same)"
        )
    if model not in MODELS:
        raise Stop(
            f"{path}: there is no model {model!r}; there are {', '.join(MODELS)}"
        )
    return str(model)


def _fingerprint(screen: "GuideTable") -> str:
    """Return what tells guides and their measurements from others, in any order."""
    from hashlib import sha256

    rows = sorted(
        f"{sequence.upper()}\t{target!r}\n"
        for sequence, target in zip(
            screen.sequences, screen.target.tolist(), strict=True
        )
    )
    kind = "log2 fold changes\n" if screen.is_log2fc else ""
    return sha256((kind + "".join(rows)).encode()).hexdigest()


def _without_nan(fields: dict[str, Any]) -> dict[str, Any]:
    """Return the same with None for what is not a number, for which JSON has no word."""
    return {name: None if each != each else each for name, each in fields.items()}
