"""A fitted model and sequences -> guides, annotated, predicted, ranked and picked.

Data flow: ``sites`` finds them (`sgrna_estimator.sites`), ``frames`` makes a table of
them (``spacers`` only those of a library), ``annotate``, ``predictions`` and ``unlike``
add columns, ``choose`` ranks them; ``table``, ``bed`` and ``page`` are what is written.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from sgrna_estimator.design.annotate import (
    find_restriction_sites,
    find_terminators,
    gc_content,
    self_complementarity,
)
from sgrna_estimator.design.choose import choose_guides
from sgrna_estimator.design.frames import frame_of, region_name, regions_of
from sgrna_estimator.design.predictions import (
    check_needs_sequence_only,
    predict_contexts,
)
from sgrna_estimator.design.spacers import find_spacers
from sgrna_estimator.design.unlike import unlike_training
from sgrna_estimator.sequences.alphabet import Alphabet
from sgrna_estimator.sequences.codes import encode_sequences, write_sequences
from sgrna_estimator.sequences.layout import GuideLayout
from sgrna_estimator.sites import Region, Sites, count_occurrences, find_sites
from sgrna_estimator.sites.search import Sequences

if TYPE_CHECKING:
    from sgrna_estimator.storage.model_file import FittedModel

_NOWHERE = "Not found beside a PAM with its context"


@dataclass(frozen=True, eq=False)
class Design:
    """Guides of regions, ranked.

    Attributes
    ----------
    guides : DataFrame
        All guides, with the columns of `choose_guides` and of `annotate_guides`.
    layout : GuideLayout
        What they look like.
    empty_regions : list of str
        Regions in which there is no guide.
    n_near_end : int
        Sites left out because their context goes beyond an end of the sequence.
    n_ambiguous : int
        Those left out because their context has an N or the like.
    """

    guides: pd.DataFrame
    layout: GuideLayout
    empty_regions: list[str] = field(default_factory=list)
    n_near_end: int = 0
    n_ambiguous: int = 0


def design_guides(
    fitted: "FittedModel",
    sequences: Iterable[tuple[str, str]],
    layout: GuideLayout,
    *,
    regions: Sequence[Region] | None = None,
    genome: Sequences | None = None,
    avoid: Mapping[str, str] | None = None,
    **choice: Any,
) -> Design:
    """Find the guides of regions, and rank them by what a model predicts.

    Parameters
    ----------
    fitted : FittedModel
        From `read_model`.
    sequences : iterable of (str, str)
        Names and sequences, from `read_fasta`.
    layout : GuideLayout
        Of the sites, from `layout_of_sites`.
    regions : sequence of Region, default=None
        From `read_regions`; each sequence is one by default. The protospacers of its
        guides lie whole in a region.
    genome : path, mapping or iterable, default=None
        Where to count how often each spacer stands beside a PAM, as `iter_sites` takes
        it.
    avoid : mapping of str to str, default=None
        Names and recognition sites of restriction enzymes, from `recognition_sites`.
    **choice
        ``top``, ``spacing`` and ``allow_terminators`` of `choose_guides`.

    Returns
    -------
    Design

    Raises
    ------
    ValueError
        If the sequences cannot be read, a region is not in them, or the model needs
        covariates.
    """
    check_needs_sequence_only(fitted)
    names = [] if regions is None else [region_name(region) for region in regions]

    def named() -> Iterator[tuple[str, str]]:
        for name, sequence in sequences:
            if regions is None:
                names.append(name)
            yield name, sequence

    sites = find_sites(named(), layout, regions=regions)
    frame = _frame_of(sites, genome)
    frame["region"] = frame["chromosome"] if regions is None else regions_of(sites)
    # A site in two exons of one name that overlap is one guide.
    place = ["region", "chromosome", "start", "strand"]
    frame = frame.drop_duplicates(place, ignore_index=True)
    frame = _in_order(frame, names)
    guides = annotate_guides(frame, fitted, layout, avoid)
    occupied = set(frame["region"])
    return Design(
        guides=choose_guides(guides, **choice),
        layout=layout,
        empty_regions=[each for each in dict.fromkeys(names) if each not in occupied],
        n_near_end=sites.n_near_end,
        n_ambiguous=sites.n_ambiguous,
    )


def locate_guides(
    fitted: "FittedModel",
    spacers: pd.Series,
    sequences: Iterable[tuple[str, str]],
    layout: GuideLayout,
    *,
    groups: pd.Series | None = None,
    genome: Sequences | None = None,
    avoid: Mapping[str, str] | None = None,
    **choice: Any,
) -> Design:
    """Find bare spacers in sequences, and rank them by what a model predicts.

    Parameters
    ----------
    fitted : FittedModel
        From `read_model`.
    spacers : Series of str of shape (n_spacers,)
        A library as it was ordered, without PAM and context.
    sequences, layout, genome, avoid, **choice
        As in `design_guides`.
    groups : Series of shape (n_spacers,), default=None
        What each spacer is ranked in, its gene for example; all together by default.

    Returns
    -------
    Design
        Its guides are a row a place of a spacer, with ``row``, the number of the spacer.
        A spacer that is nowhere has a row without place, prediction and rank, after the
        others of its group, and says so in ``notes``.

    Raises
    ------
    SequenceError
        If a spacer has another length than those of the layout, or other letters than
        A, C, G, T and U.
    ValueError
        As `design_guides`.
    """
    check_needs_sequence_only(fitted)
    alphabet = Alphabet("ACGT")
    codes = encode_sequences(
        spacers.tolist(), alphabet, unknown="error", length=layout.spacer_length
    )
    library = pd.DataFrame(
        {
            "row": np.arange(len(spacers)),
            "region": "library" if groups is None else groups.astype(str).to_numpy(),
            "spacer": write_sequences(codes, alphabet),
        }
    ).astype({"region": object, "spacer": object})
    sites = find_spacers(library["spacer"], sequences, layout)
    if not len(sites):
        raise ValueError(
            f"none of the spacers stands beside a PAM with all letters of {layout}"
        )
    found = library.merge(_frame_of(sites, genome), on="spacer")
    guides = annotate_guides(found, fitted, layout, avoid)
    chosen = choose_guides(guides, **choice)
    # A spacer that is nowhere has no numbers, which must not make the others fractions.
    whole = chosen.select_dtypes("int64").columns.drop("row")
    chosen = chosen.astype(dict.fromkeys(whole, "Int64"))
    nowhere = library[~library["row"].isin(found["row"])].assign(notes=_NOWHERE)
    every = pd.concat([chosen, nowhere], ignore_index=True) if len(nowhere) else chosen
    return Design(_in_order(every, library["region"]), layout)


def _frame_of(sites: Sites, genome: Sequences | None) -> pd.DataFrame:
    """Return sites as a table, with how often each is in a genome, if there is one."""
    frame = frame_of(sites)
    if genome is None:
        return frame
    return frame.assign(occurrences=count_occurrences(sites, genome))


def _in_order(guides: pd.DataFrame, regions: Iterable[str]) -> pd.DataFrame:
    """Put the guides of each region together, in the order of the regions."""
    numbers = {name: number for number, name in enumerate(dict.fromkeys(regions))}
    rows = np.argsort(guides["region"].map(numbers), kind="stable")
    return guides.iloc[rows].reset_index(drop=True)


def annotate_guides(
    guides: pd.DataFrame,
    fitted: "FittedModel",
    layout: GuideLayout,
    avoid: Mapping[str, str] | None = None,
) -> pd.DataFrame:
    """Add what a model predicts of guides, and what else to know of each.

    Parameters
    ----------
    guides : DataFrame
        With ``spacer`` and ``context``.
    fitted, layout, avoid
        As in `design_guides`.

    Returns
    -------
    DataFrame
        With ``prediction`` and perhaps ``prediction_sd`` (`predict_contexts`), ``gc`` of
        the spacer, ``terminators``, ``restriction_sites`` (with `avoid`),
        ``self_complementarity`` and ``unlike_training``.

    Raises
    ------
    ValueError
        If there are no guides.
    """
    if not len(guides):
        raise ValueError(f"there is no guide of the layout {layout} to choose from")
    spacers, contexts = guides["spacer"], guides["context"]
    columns: dict[str, Any] = {
        **predict_contexts(fitted, contexts),
        "gc": gc_content(spacers),
        "terminators": find_terminators(spacers),
    }
    if avoid:
        columns["restriction_sites"] = find_restriction_sites(spacers, avoid)
    columns["self_complementarity"] = self_complementarity(spacers)
    columns["unlike_training"] = unlike_training(contexts, fitted.summary, layout)
    return guides.assign(**columns)
