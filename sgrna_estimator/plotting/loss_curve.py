"""How the loss of a network fell while it was trained."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal, Self

import numpy as np
from sklearn.utils.validation import check_is_fitted

from sgrna_estimator._unwrap import innermost
from sgrna_estimator.network.base import PositionwiseReLUBase
from sgrna_estimator.network.training import mean_curve
from sgrna_estimator.plotting.style import (
    BLUE,
    VERMILION,
    figure_of,
    legend_above,
    make_axes,
    tall,
    unbox,
    wrap,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes


_LOSSES = {
    "squared_error": "Mean squared error (target units²)",
    "log_loss": "Mean log loss (nats)",
}


def _find_networks(estimator: Any) -> list[PositionwiseReLUBase]:
    """Return the fitted estimators of networks that an estimator is or holds."""
    check_is_fitted(estimator)
    found = innermost(estimator)
    for inner in found:
        if not isinstance(inner, PositionwiseReLUBase):
            raise ValueError(
                "estimator must be a PositionwiseReLURegressor or "
                "PositionwiseReLUClassifier, or hold one as the last step of a pipeline, "
                "in a search or in a bag, got "
                f"{type(estimator).__name__}"
            )
        check_is_fitted(inner)
    return found


class LossCurveDisplay:
    """Training and validation loss of a network, epoch by epoch.

    Make it with `from_estimator`. The training loss of an epoch is the mean over its
    steps, each measured before the step is taken; the validation loss is measured at
    its end. A training loss that is above the validation loss in the first epochs, or
    with dropout, is therefore no error.

    Parameters
    ----------
    loss_curve : sequence of float
        Mean training loss of each epoch.
    validation_loss_curve : sequence of float, default=()
        Mean validation loss after each epoch, if there is one.
    loss : str, default="squared_error"
        What the curves are of: "squared_error", "log_loss", or a label of your own.
    n_guides : int or None, default=None
        Guides that an epoch takes.
    name : str or None, default=None
        Of the model, shown above the curves.

    Attributes
    ----------
    ax_ : matplotlib Axes
        Drawn on last.
    figure_ : matplotlib Figure
        Its figure.
    training_line_ : matplotlib Line2D
        Training loss.
    validation_line_ : matplotlib Line2D or None
        Validation loss.
    lowest_ : matplotlib Line2D or None
        Marks the epoch of the lowest validation loss, whose weights
        ``early_stopping=True`` keeps.

    Examples
    --------
    >>> from sgrna_estimator import PositionwiseReLURegressor, SequenceOneHotTransformer
    >>> from sgrna_estimator.datasets import make_guide_screen
    >>> from sgrna_estimator.plotting import LossCurveDisplay
    >>> screen = make_guide_screen(n_guides=200, n_genes=10, random_state=0)
    >>> X = SequenceOneHotTransformer().fit_transform(screen.sequences)
    >>> network = PositionwiseReLURegressor(max_iter=5, random_state=0)
    >>> network = network.fit(X, screen.target)
    >>> display = LossCurveDisplay.from_estimator(network)
    >>> len(display.loss_curve)
    5
    """

    def __init__(
        self,
        *,
        loss_curve: Sequence[float],
        validation_loss_curve: Sequence[float] = (),
        loss: str = "squared_error",
        n_guides: int | None = None,
        name: str | None = None,
    ) -> None:
        self.loss_curve = loss_curve
        self.validation_loss_curve = validation_loss_curve
        self.loss = loss
        self.n_guides = n_guides
        self.name = name

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        *,
        x: Literal["epochs", "guides"] = "epochs",
        n_guides: int | None = None,
        ax: "Axes | None" = None,
        name: str | None = None,
        training_kwargs: dict[str, Any] | None = None,
        validation_kwargs: dict[str, Any] | None = None,
    ) -> Self:
        """Draw the loss curves of a fitted network.

        Parameters
        ----------
        estimator : PositionwiseReLURegressor or PositionwiseReLUClassifier
            Fitted. It may also be a pipeline that ends in one, a search
            (``best_estimator_``), a
            :class:`~sklearn.compose.TransformedTargetRegressor` (``regressor_``) or a
            bag of several, of which the mean is drawn.
        x : {"epochs", "guides"}, default="epochs"
            What the loss is drawn against; ``"guides"`` counts a guide each time that it
            is drawn, so that fits to tables of different sizes compare.
        n_guides : int or None, default=None
            Guides that the network was trained on, without those set aside for
            validation. Needed for ``x="guides"``.
        ax : matplotlib Axes, default=None
            Where to draw, best in a figure with ``layout="constrained"``; a new figure by
            default.
        name : str or None, default=None
            Of the model, shown above the curves.
        training_kwargs, validation_kwargs : dict or None, default=None
            For :meth:`matplotlib.axes.Axes.plot`.

        Returns
        -------
        LossCurveDisplay

        Raises
        ------
        ValueError
            If the estimator is not fitted or holds no network, if it was interrupted in
            its first epoch, or if ``x="guides"`` without ``n_guides``.
        """
        networks = _find_networks(estimator)
        display = cls(
            loss_curve=mean_curve([each.loss_curve_ for each in networks]),
            validation_loss_curve=mean_curve(
                [each.validation_loss_curve_ for each in networks]
            ),
            # a classifier has no choice of loss
            loss=getattr(networks[0], "loss", "log_loss"),
            n_guides=n_guides,
            name=name,
        )
        return display.plot(
            ax=ax,
            x=x,
            training_kwargs=training_kwargs,
            validation_kwargs=validation_kwargs,
        )

    def plot(
        self,
        ax: "Axes | None" = None,
        *,
        x: Literal["epochs", "guides"] = "epochs",
        training_kwargs: dict[str, Any] | None = None,
        validation_kwargs: dict[str, Any] | None = None,
    ) -> Self:
        """Draw the curves.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Where to draw, best in a figure with ``layout="constrained"``; a new figure by
            default.
        x : {"epochs", "guides"}, default="epochs"
            What the loss is drawn against.
        training_kwargs, validation_kwargs : dict or None, default=None
            For :meth:`matplotlib.axes.Axes.plot`.

        Returns
        -------
        LossCurveDisplay

        Raises
        ------
        ValueError
            If ``x`` is neither, or is ``"guides"`` where their number is not known, or
            if no epoch was finished.
        """
        if x not in ("epochs", "guides"):
            raise ValueError(f"x must be 'epochs' or 'guides', got {x!r}")
        if not len(self.loss_curve):
            raise ValueError("loss_curve is empty: no epoch was finished")
        unit = self.n_guides if x == "guides" else 1
        if unit is None:
            raise ValueError(
                "x='guides' needs n_guides, the number of guides that an epoch takes"
            )
        from matplotlib.ticker import EngFormatter, MaxNLocator

        self.ax_ = ax = make_axes(ax, 5.0, 3.4)
        self.figure_ = figure_of(ax)

        def draw(losses: Sequence[float], **style: Any) -> Any:
            at = np.arange(1, len(losses) + 1) * unit
            style = {"marker": "o" if len(losses) == 1 else "", **style}
            return ax.plot(at, losses, **style)[0]

        self.training_line_ = draw(
            self.loss_curve,
            **{"color": BLUE, "label": "training", **(training_kwargs or {})},
        )
        self.validation_line_ = self.lowest_ = None
        handles = [self.training_line_]
        if len(self.validation_loss_curve):
            self.validation_line_ = draw(
                self.validation_loss_curve,
                **{
                    "color": VERMILION,
                    "linestyle": "--",
                    "label": "validation",
                    **(validation_kwargs or {}),
                },
            )
            epoch = int(np.argmin(self.validation_loss_curve))
            (self.lowest_,) = ax.plot(
                [(epoch + 1) * unit],
                [self.validation_loss_curve[epoch]],
                color=self.validation_line_.get_color(),
                marker="o",
                linestyle="",
                label=f"lowest, epoch {epoch + 1}",
            )
            handles += [self.validation_line_, self.lowest_]
        if x == "guides":
            ax.xaxis.set_major_locator(MaxNLocator(5))
            ax.xaxis.set_major_formatter(EngFormatter())
        else:
            ax.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
        ax.set_xlabel("Guides drawn" if x == "guides" else "Epoch")
        ax.set_ylabel(wrap(_LOSSES.get(self.loss, self.loss), tall(ax)))
        unbox(ax, grid="y")
        legend_above(ax, handles, title=self.name)
        return self
