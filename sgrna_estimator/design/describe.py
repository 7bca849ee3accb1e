"""A design in sentences: what was found, what was not, and what to be careful about."""

from collections.abc import Sequence

import pandas as pd

from sgrna_estimator.design.guides import Design

_MOST_NAMED = 5


def describe_design(found: Design, top: int) -> list[str]:
    """Say what is to be known of a design as a whole.

    Parameters
    ----------
    found : Design
    top : int
        Guides that were to be picked in each region.

    Returns
    -------
    list of str
    """
    guides = found.guides
    placed = guides[guides["rank"].notna()]
    picks = guides[guides["pick"].notna()]
    regions = placed["region"].unique()
    sentences = [
        f"{_count(len(placed), 'guide')} in {_count(len(regions), 'region')}, "
        f"{len(picks)} of them picked"
    ]
    n_nowhere = len(guides) - len(placed)
    if n_nowhere:
        sentences.append(
            f"{_count(n_nowhere, 'spacer')} not found beside a PAM with all letters of "
            f"{found.layout}: rows without a place"
        )
    left_out = {
        "too near an end of their sequence": found.n_near_end,
        "with an N or the like in their context": found.n_ambiguous,
    }
    sentences += [
        f"{_count(n, 'site')} left out, {reason}" for reason, n in left_out.items() if n
    ]
    if found.empty_regions:
        sentences.append(f"no guide at all in {_names(found.empty_regions)}")
    n_picked = picks["region"].value_counts()
    few = [region for region in regions if n_picked.get(region, 0) < top]
    if few:
        sentences.append(
            f"fewer than {top} picked in {_names(few)}: Picking Notes say why not the "
            "others (--all)"
        )
    return sentences + _describe_unlike(picks) + _describe_absent(picks)


def _describe_unlike(picks: pd.DataFrame) -> list[str]:
    """Say how many picks are not like the guides of training."""
    n_unlike = int((picks["unlike_training"] != "").sum())
    if not n_unlike:
        return []
    return [
        f"{n_unlike} of the picks are unlike the guides that the model was trained on "
        "(unlike_training says in what): trust their predictions less"
    ]


def _describe_absent(picks: pd.DataFrame) -> list[str]:
    """Say how many picks the genome does not have: those across exons of a transcript."""
    n_absent = int((picks["occurrences"] == 0).sum()) if "occurrences" in picks else 0
    if not n_absent:
        return []
    return [
        f"{n_absent} of the picks are not in the genome (occurrences 0): is the FASTA a "
        "transcript, across whose exons they are?"
    ]


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _names(regions: Sequence[str]) -> str:
    named = ", ".join(regions[:_MOST_NAMED])
    more = len(regions) - _MOST_NAMED
    return f"{named} and {more:,} more regions" if more > 0 else named
