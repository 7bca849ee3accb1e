"""``--prior``: the network that others begin from, and how its positions are numbered."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sgrna_estimator.cli.terminal import Stop, bad_input, say

if TYPE_CHECKING:
    from sgrna_estimator.datasets import GuideTable
    from sgrna_estimator.sequences.layout import GuideLayout

# Share of the guides whose PAM must look like one, where no layout says what is one.
_LEAST_PAMS = 0.9


@dataclass(frozen=True)
class Prior:
    """A network to begin from.

    Attributes
    ----------
    model : estimator
        Fitted.
    layout : GuideLayout
        Of the guides that begin from it.
    """

    model: Any
    layout: "GuideLayout"


def find_prior(
    wanted: str,
    screen: "GuideTable",
    layout: str | None,
    *,
    n_networks: int,
    judged: bool,
) -> Prior:
    """Fit or read the network that ``--prior`` names.

    Parameters
    ----------
    wanted : str
        Published screens, with commas between them, or a model file.
    screen : GuideTable
        Guides that will begin from it.
    layout : str or None
        Theirs, as ``--layout`` has it.
    n_networks : int
        Networks of a published screen.
    judged : bool
        Whether models will be judged on these guides, so that a published network must
        not know them.

    Returns
    -------
    Prior
    """
    from sgrna_estimator.sequences.layout import GuideLayout
    from sgrna_estimator.storage.published_network import (
        LAYOUT,
        SOURCES,
        published_network,
    )

    sequences = screen.sequences
    names = wanted.split(",")
    if not set(names) <= SOURCES.keys():
        return _read_prior(wanted, list(SOURCES), screen, layout)
    with bad_input():
        own = GuideLayout.parse(layout) if layout else _guess(sequences, LAYOUT)
        own.check_length(int(sequences.str.len().max()))
        exclude = sequences if judged else None
        networks = "a network" if n_networks == 1 else f"{n_networks} networks"
        say(f"taking {networks} of {' and '.join(names)}, fitted now unless kept")
        model = published_network(
            names, n_networks=n_networks, exclude=exclude, layout=own, n_jobs=-1
        )
    if judged:
        n_known = count_known(names, sequences, own)
        if n_known:
            say(f"without {n_known} guides of these tables that are in {wanted}")
    return Prior(model, own)


def count_known(names: list[str], sequences: Any, layout: "GuideLayout") -> int:
    """Return how many guides of published screens are among these."""
    from sgrna_estimator.sequences.spacer_hashes import hash_texts
    from sgrna_estimator.storage.published_network import guides_of

    return guides_of(names, hash_texts(sequences.tolist(), layout))[2]


def _read_prior(
    wanted: str, sources: list[str], screen: "GuideTable", layout: str | None
) -> Prior:
    from sgrna_estimator.sequences.layout import GuideLayout
    from sgrna_estimator.storage.model_file import read_model

    if not Path(wanted).exists():
        raise Stop(
            f"--prior must name one or several of {', '.join(sources)} (with a comma "
            f"between them) or a file that fit wrote, got {wanted!r}"
        )
    with bad_input():
        fitted = read_model(Path(wanted))
        if fitted.layout is None:
            raise Stop(
                f"{wanted}: a model can be a prior if fit was told --layout, so that its "
                "positions are numbered from the spacer"
            )
        own = GuideLayout.parse(layout or fitted.layout)
        own.check_length(int(screen.sequences.str.len().max()))
    return Prior(fitted.pipeline, own)


def _guess(sequences: Any, layout: "GuideLayout") -> "GuideLayout":
    """Return the layout of published screens, if these guides have it by their looks."""
    shown = f"{layout} (letters before the spacer, spacer, PAM, after it)"
    if not (sequences.str.len() == layout.length).all():
        raise Stop(f"--prior needs --layout, for guides that are not {shown}")
    pam = layout.pam
    looks_right = sequences.str[pam.start + 1 : pam.stop].str.upper() == "GG"
    if looks_right.mean() < _LEAST_PAMS:
        raise Stop(
            f"--prior needs --layout: {100 * (1 - looks_right.mean()):.0f} % of the "
            f"guides have no GG where {shown} has its PAM"
        )
    say(f"taking the guides for {layout}, which --layout can change")
    return layout
