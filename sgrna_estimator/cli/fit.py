"""``sgrna-estimator fit``: fit a model and keep it in a file."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
import typer.exceptions

from sgrna_estimator.baselines.catalogue import MODELS
from sgrna_estimator.cli.decision_file import BEST, read_best
from sgrna_estimator.cli.fitting import (
    HeldOut,
    check_models,
    check_prior,
    check_takes_bounds,
    fit_model,
    hold_out,
    may_gain,
    model_for,
    uses_screens,
    without_unfit,
)
from sgrna_estimator.cli.options import (
    TABLE,
    Align,
    CovariateColumns,
    DropIncomplete,
    Layout,
    Networks,
    ScoreColumn,
    ScreenColumn,
    Seed,
    SequenceColumn,
    Standardize,
    TargetColumn,
    Unknown,
    complete_model,
)
from sgrna_estimator.cli.options import Bounds as BoundsOption
from sgrna_estimator.cli.options import Prior as PriorOption
from sgrna_estimator.cli.prior import find_prior
from sgrna_estimator.cli.screen import (
    check_layout,
    find_doubts,
    read_screen,
)
from sgrna_estimator.cli.terminal import (
    INTERRUPTED,
    Stop,
    say,
)
from sgrna_estimator.sequences.layout import as_layout
from sgrna_estimator.storage.model_file import FittedModel
from sgrna_estimator.storage.summary import summarise_guides
from sgrna_estimator.storage.whole_files import check_output

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from sgrna_estimator.datasets import GuideTable
    from sgrna_estimator.network.bounded_target import Bounds
    from sgrna_estimator.sequences.layout import GuideLayout


def fit(
    tables: Annotated[list[Path], TABLE],
    output: Annotated[
        Path,
        typer.Option("--output", "-o", metavar="FILE", help="Write the model here."),
    ],
    sequence: SequenceColumn = None,
    target: TargetColumn = None,
    score: ScoreColumn = None,
    groups: Annotated[
        str | None,
        typer.Option(
            "--groups",
            metavar="COLUMN",
            help="Column of the gene: genes are held out whole, and mixtures know their "
            "guides.",
        ),
    ] = None,
    screens: ScreenColumn = None,
    covariates: CovariateColumns = None,
    model: Annotated[
        str | None,
        typer.Option(
            "--model",
            metavar="MODEL",
            autocompletion=complete_model,
            help="Model to fit; network_windows by default, and network_prior with "
            "--prior. best: what the comparison of --decision recommends.",
        ),
    ] = None,
    decision: Annotated[
        Path | None,
        typer.Option(
            "--decision",
            metavar="FILE",
            help="For --model best: the file that compare --decision wrote.",
        ),
    ] = None,
    unknown: Unknown = "error",
    align: Align = None,
    drop_incomplete: DropIncomplete = False,
    seed: Seed = 0,
    layout: Layout = None,
    bounds: BoundsOption = None,
    standardize: Standardize = False,
    prior: PriorOption = None,
    networks: Networks = 5,
    cv: Annotated[
        int,
        typer.Option(
            "--cv",
            metavar="N",
            min=0,
            help="Folds to hold out in turn, for intervals and an honest score; 0 for "
            "neither.",
        ),
    ] = 5,
) -> None:
    """Fit a model to tables of guides and keep it in a file.

    The file holds what was learnt and no code, so it is safe to share. Read it with the
    version that wrote it. It also holds how well such models predict guides (of genes)
    that were held out, from which predictions get their intervals; these are of one
    network each, even where several are averaged, and so a little cautious.

    Ctrl-C ends the fit of a network early. What was learnt by then is written, but not
    over a file that is there already, and the exit status is 130.
    """
    _check_options(model, decision, prior, bounds, cv)
    check_output(output, tables)
    reading: dict[str, Any] = {"unknown": unknown, "align": align}
    screen = read_screen(
        tables,
        sequence=sequence,
        target=target,
        score=score,
        groups=groups,
        screens=screens,
        covariates=covariates or [],
        **reading,
        drop_incomplete=drop_incomplete,
        standardize=standardize,
    )
    named = model if decision is None else read_best(decision, screen)
    model = _choose_model(named, prior, bounds)
    without_unfit([model], {model}, screen, bounds)
    if screens and not uses_screens([model], screen):
        say(f"--screens is for mixtures: it makes no difference to {model}")
    check_layout(screen, layout)
    source = None
    if prior is not None:
        source = find_prior(prior, screen, layout, n_networks=networks, judged=False)
    own_layout = as_layout(layout) if source is None else source.layout
    options = {**reading, "seed": seed, "prior": source, "layout": own_layout}
    options["bounds"] = bounds
    pipeline = model_for(model, screen, n_networks=networks, **options)
    for doubt in find_doubts(screen, offer_bounds=may_gain([model], bounds)):
        say(doubt)
    say(f"{screen.name}: {len(screen.target)} guides; fitting {model}")
    stopped = interrupted = fit_model(model, pipeline, screen)
    held_out = HeldOut()
    if cv and interrupted is None:
        one = model_for(model, screen, n_networks=1, **options)
        held_out, stopped = hold_out(model, one, screen, cv=cv, seed=seed)
    if stopped is not None and output.exists():
        raise Stop(f"{stopped}; {output} was there and is left alone", INTERRUPTED)
    fitted = FittedModel(
        name=model,
        pipeline=pipeline,
        sequence=str(screen.sequences.name),
        target=str(screen.target.name),
        covariates=list(map(str, screen.features))[1:],
        **reading,
        random_state=seed,
        tables=[str(path) for path in tables],
        summary=summarise_guides(screen.sequences, screen.target),
        layout=None if own_layout is None else str(own_layout),
        is_standardized=standardize,
        categories=screen.categories,
        training_guides=_hashes(screen, own_layout),
        interrupted=interrupted,
        calibration=held_out.calibration,
        scores=held_out.scores,
    )
    fitted.write(output)
    if stopped is not None:
        raise Stop(f"{stopped}; what was learnt is in {output}", INTERRUPTED)
    say(f"wrote {output}; {_describe(held_out.scores)}")


def _describe(scores: "dict[str, Any] | None") -> str:
    """Say how well guides were predicted that were held out."""
    from sgrna_estimator.metrics.reported import METRICS

    if scores is None:
        return "compare says how well such a model predicts new guides"
    ranked = [n for n in ("within_group_spearman", "spearman") if n in scores]
    if not ranked:
        return "it predicted the same for all guides held out, and so ranks none"
    name = ranked[0]
    mean, lower, upper = (scores[name][what] for what in ("mean", "lower", "upper"))
    return (
        f"{METRICS[name].label} on guides held out: {mean:.3f}, 95 % interval "
        f"{lower:.3f} to {upper:.3f}; compare says what simpler models reach"
    )


def _check_options(
    model: str | None,
    decision: Path | None,
    prior: str | None,
    bounds: "Bounds | None",
    cv: int,
) -> None:
    """Refuse what can be refused before a table is read."""
    if (model == BEST) != (decision is not None):
        raise Stop(
            "--model best and --decision go together: compare --decision FILE says which "
            "model is best"
        )
    if decision is None:
        _choose_model(model, prior, bounds)
    if cv == 1:
        raise Stop("--cv must be 0 or at least 2 folds")


def _choose_model(model: str | None, prior: str | None, bounds: "Bounds | None") -> str:
    if model is None:
        return "network_windows" if prior is None else "network_prior"
    check_models([model])
    check_prior([model], prior)
    if prior is not None and not MODELS[model].needs_prior:
        raise Stop(f"--prior is for network_prior: {model} does not begin from one")
    check_takes_bounds(model, bounds)
    return model


def _hashes(
    screen: "GuideTable", layout: "GuideLayout | None"
) -> "NDArray[np.uint64] | None":
    """Return which guides a model has seen, if it is known where their spacer is."""
    import numpy as np

    from sgrna_estimator.sequences.spacer_hashes import hash_texts

    lengths = screen.sequences.str.len()
    if layout is None or not (lengths == layout.length).all():
        return None
    return np.unique(hash_texts(screen.sequences.tolist(), layout))
