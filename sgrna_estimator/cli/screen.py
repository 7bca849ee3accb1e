"""The guides that the command line learns from: of tables, or simulated."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from sgrna_estimator.cli.terminal import Stop, bad_input, say

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from sgrna_estimator._typing import Ints
    from sgrna_estimator.datasets import GuideTable
    from sgrna_estimator.network.bounded_target import Bounds
    from sgrna_estimator.sequences.alphabet import Unknown
    from sgrna_estimator.sequences.codes import Align


# What targets are often given as: fractions and percentages.
_USUAL_BOUNDS = ((0, 1), (0, 100))
# Share of the way from the one to the other that the measurements of such a target go.
_FILLED = 0.9

# Share of measurements below 0 that noise alone explains in a target that is none of log2
# fold changes, such as indel frequencies after the background is subtracted.
_STRAY = 0.02

# How many times as wide the target of a table may be spread as that of another.
_LIKE_SCALES = 3

# Share of guides with a label of their own from which the labels can hardly be genes.
_MOSTLY_ALONE = 0.9


def read_screen(
    tables: list[Path],
    *,
    sequence: str | None,
    target: str | None,
    score: str | None,
    groups: str | None,
    screens: str | None,
    covariates: list[str],
    unknown: "Unknown",
    align: "Align",
    drop_incomplete: bool = False,
    standardize: bool = False,
) -> "GuideTable":
    """Read guides of tables.

    Parameters
    ----------
    tables : list of Path
        The files.
    sequence, target, score, groups, screens, covariates
        Columns, as the options of these names say.
    unknown, align, drop_incomplete
        As in `load_table`.
    standardize : bool, default=False
        Whether to give the target of each table the same mean and scale.

    Returns
    -------
    GuideTable
        With a screen of each guide.
    """
    from sgrna_estimator.datasets import load_table
    from sgrna_estimator.datasets.covariates import listed
    from sgrna_estimator.datasets.files import read_table

    if sequence is None:
        with bad_input():
            names = ", ".join(map(repr, read_table(tables[0]).columns))
        raise Stop(f"--sequence must name a column of the table: {names}")
    if (target is None) == (score is None):
        both = "" if target is None else ", not both"
        raise Stop(f"--target or --score must name a column of the table{both}")
    if standardize and score is not None:
        raise Stop(
            "--standardize is for --target: mixtures know 0 as the log2 fold change of "
            "guides that do nothing, and have a scale for each table"
        )
    with bad_input():
        table = load_table(
            tables,
            sequence=sequence,
            target=target or score,
            groups=groups,
            screens=screens,
            covariates=covariates,
            unknown=unknown,
            align=align,
            drop_incomplete=drop_incomplete,
        )
    if table.n_incomplete:
        say(
            f"{table.name}: left out {table.n_incomplete} rows in which a cell is missing"
        )
    for name, categories in table.categories.items():
        say(f"the covariate {name!r} is text: its categories are {listed(categories)}")
    table = replace(table, screens=find_screens(table), is_log2fc=score is not None)
    if standardize:
        from sgrna_estimator.datasets.standardized import standardize_tables

        with bad_input():
            return standardize_tables(table)
    return table


def read_as_written(tables: list[Path]) -> "pd.DataFrame":
    """Put tables one below the other: 007 and 1.50 stay as they are.

    Of columns that only some of the tables have, it says that they are left out.
    """
    import pandas as pd

    from sgrna_estimator.datasets.files import read_table

    frames = [read_table(path) for path in tables]
    written = pd.concat(frames, join="inner", ignore_index=True)
    names = dict.fromkeys(name for frame in frames for name in frame)
    partial_names = [str(name) for name in names if name not in written]
    if partial_names:
        say(
            f"left out, because not all tables have them: the columns "
            f"{', '.join(partial_names)}"
        )
    return written


def find_screens(table: "GuideTable") -> "pd.Series":
    """Return the screen of each guide: as its column says, else its file's name."""
    return name_tables(table) if table.screens is None else table.screens


def name_tables(table: "GuideTable") -> "pd.Series":
    """Return the file of each guide, by its name alone if all have names of their own."""
    files = table.source["file"]
    names = {file: Path(file).name for file in files.unique()}
    return files.map(names) if len(set(names.values())) == len(names) else files


def find_doubts(
    screen: "GuideTable", *, offer_bounds: bool = False, to_learn: bool = True
) -> list[str]:
    """Say if a column looks as if it were something else than its option says.

    With `offer_bounds`, also if the target looks as if it had some. Unless guides are
    not there `to_learn` from, also if the target has other scales in other tables.
    """
    offer = _offer_of_bounds(screen) if offer_bounds else []
    scales = _doubts_of_scales(screen) if to_learn else []
    return [*_doubts_of_target(screen), *scales, *_doubts_of_groups(screen), *offer]


def _doubts_of_scales(screen: "GuideTable") -> list[str]:
    """Say if the target is spread much wider in some tables than in others."""
    from sgrna_estimator.datasets.standardized import spreads_by_table

    if screen.is_log2fc:  # each table has a mixture of its own
        return []
    spreads = spreads_by_table(screen)
    if not spreads.max() > _LIKE_SCALES * spreads.min():
        return []
    told = ", ".join(f"{spread:.3g} in {file}" for file, spread in spreads.items())
    return [
        f"{screen.target.name!r} does not have one scale in all tables (standard "
        f"deviation {told}): models learn most from the widest; if the units differ, "
        "--standardize makes them one"
    ]


def _doubts_of_groups(screen: "GuideTable") -> list[str]:
    """Say if genes cannot be genes, because next to all of them have one guide."""
    groups = screen.groups
    if groups is None or len(groups) == 1:
        return []
    is_alone = ~groups.duplicated(keep=False)
    if is_alone.mean() < _MOSTLY_ALONE:
        return []
    told = f"{is_alone.sum()} of the {len(groups)} guides have a label of their own"
    if is_alone.all():
        told = f"each of the {len(groups)} guides has a label of its own"
    return [
        f"{told} in {groups.name!r}: is this the column of the genes? Next to no guides "
        "of a gene are kept together by it"
    ]


def _doubts_of_target(screen: "GuideTable") -> list[str]:
    """Say if the target looks like one for the other option, --target or --score."""
    name, target = repr(screen.target.name), screen.target
    if screen.is_standardized:
        return []
    if screen.is_log2fc and (target >= 0).all():
        return [
            f"no value of {name} is below 0: are these log2 fold changes, as --score "
            "expects?"
        ]
    if not screen.is_log2fc and looks_like_log2fc(screen):
        return [
            f"{name} has values below and above 0: log2 fold changes are for --score; "
            "with --target, more is taken to be better"
        ]
    return []


def looks_like_log2fc(screen: "GuideTable") -> bool:
    """Tell whether more than stray targets are on either side of 0, as measured."""
    if screen.is_standardized:
        return False
    below, above = (screen.target < 0).mean(), (screen.target > 0).mean()
    return min(below, above) > _STRAY


def check_within(screen: "GuideTable", bounds: "Bounds | None") -> None:
    """Refuse bounds that are none, or a measurement beyond them.

    Parameters
    ----------
    screen : GuideTable
    bounds : (float, float) or None
        As ``--bounds`` has them.
    """
    from sgrna_estimator.network.bounded_target import check_bounds

    if bounds is None:
        return
    with bad_input("--"):
        bounds = check_bounds(bounds)
    if screen.is_standardized:
        raise Stop(
            "--standardize and --bounds do not go together: a standardised target is not "
            "within the bounds"
        )
    if screen.is_log2fc:
        raise Stop("--bounds is for --target: log2 fold changes have no bounds")
    outside = find_beyond(screen, bounds)
    if outside.size:
        raise Stop(
            f"{screen.locate(outside)}: the target in column {screen.target.name!r} must "
            f"be from {bounds[0]:g} to {bounds[1]:g} (--bounds), but it is "
            f"{screen.target.iloc[outside[0]]:g}"
        )


def find_beyond(screen: "GuideTable", bounds: "Bounds") -> "NDArray[np.intp]":
    """Return the guides whose measurement is beyond bounds, counting from 0."""
    import numpy as np

    low, high = bounds
    return np.flatnonzero((screen.target < low) | (screen.target > high))


def _offer_of_bounds(screen: "GuideTable") -> list[str]:
    """Say how to tell bounds, if the target looks as if it had some."""
    if screen.is_log2fc:
        return []
    lowest, highest = screen.target.min(), screen.target.max()
    for low, high in _USUAL_BOUNDS:
        is_within = low <= lowest and highest <= high
        if is_within and highest - lowest >= _FILLED * (high - low):
            return [
                f"{screen.target.name!r} is from {lowest:.3g} to {highest:.3g}: if it "
                f"cannot be beyond {low} and {high}, --bounds {low} {high} keeps "
                "predictions within"
            ]
    return []


def find_controls(table: "GuideTable", labels: list[str]) -> "NDArray[np.bool_]":
    """Return which guides have one of these labels for a gene; each must be there."""
    import numpy as np

    if table.groups is None:
        return np.zeros(len(table.frame), dtype=bool)
    genes = table.groups.astype(str)
    for label in labels:
        if not (genes == label).any():
            raise ValueError(
                f"there is no guide of {label!r} (--controls) in column "
                f"{table.groups.name!r}"
            )
    return genes.isin(labels).to_numpy()


def simulate_screen(
    columns: Mapping[str, str | list[str] | None], seed: int
) -> "GuideTable":
    """Make guides, where no table is given.

    Parameters
    ----------
    columns : dict of str to (str or list of str)
        Options that name columns, of which there are none.
    seed : int
        Seed of the screen.

    Returns
    -------
    GuideTable
    """
    from sgrna_estimator.datasets import make_guide_screen

    for option, column in columns.items():
        if column:
            raise Stop(f"{option} names a column, but there is no TABLE")
    return make_guide_screen(random_state=seed)


def count_sets(screen: "GuideTable", guide_numbers: "Ints") -> int:
    """Return how many sets of guides there are whose genes and guides keep together.

    Parameters
    ----------
    screen : GuideTable
    guide_numbers : ndarray of shape (n_guides,)
        The same for guides that a model may take for one.

    Returns
    -------
    int
    """
    from sgrna_estimator._validation import check_groups
    from sgrna_estimator.comparison.splits import connected

    groups = None
    if screen.groups is not None:
        _, groups = check_groups(screen.groups, len(guide_numbers))
    return int(connected(groups, guide_numbers).max() + 1)


def check_folds(
    screen: "GuideTable",
    cv: int,
    repeats: int | None,
    *,
    unknown: "Unknown",
    align: "Align",
) -> int:
    """Refuse more folds than there are sets of guides to keep together.

    Parameters
    ----------
    screen : GuideTable
    cv : int
        Folds.
    repeats : int or None
        How often they are to be drawn, if it is said.
    unknown, align
        How sequences will be encoded.

    Returns
    -------
    int
        How often they will be drawn.
    """
    from sgrna_estimator.comparison.splits import usual_repeats
    from sgrna_estimator.sequences.same_guides import label_guides

    texts = screen.sequences.tolist()
    with bad_input(f"{screen.name}: "):
        labels = label_guides(texts, unknown=unknown, align=align)
    n_sets = count_sets(screen, labels)
    shared = repr(screen.sequences.name)
    if screen.groups is not None:
        shared = f"{screen.groups.name!r} or {shared}"
    if n_sets < cv:
        raise Stop(
            f"{screen.name}: {cv} folds (--cv) need {cv} sets of guides, but guides with "
            f"the same {shared} stay together, which makes {n_sets}"
        )
    return usual_repeats(len(screen.target), n_sets, cv) if repeats is None else repeats


def check_layout(screen: "GuideTable", layout: str | None) -> None:
    """Refuse a layout that does not fit the sequences, before the work."""
    from sgrna_estimator.sequences.layout import GuideLayout

    if layout is None:
        return
    with bad_input(f"{screen.name}: "):
        length = int(screen.sequences.str.len().max())
        GuideLayout.parse(layout).check_length(length)
