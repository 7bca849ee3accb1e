"""What two letters do together, as a picture."""

from typing import TYPE_CHECKING, Any, Self

from sgrna_estimator.inspection.effects import InteractionEffects
from sgrna_estimator.inspection.letter_effects import interaction_effects
from sgrna_estimator.plotting.position_axis import (
    draw_cells,
    draw_position_axis,
    unit_of,
)
from sgrna_estimator.plotting.style import figure_of, make_axes
from sgrna_estimator.sequences.layout import GuideLayout, Numbering

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def pair_name(first: str, second: str, distance: int) -> str:
    """Return how two letters some positions apart are written.

    Parameters
    ----------
    first, second : str
        Letters.
    distance : int
        From one to the other.

    Returns
    -------
    str
        "AC" for neighbours, "ANC" with one position between, "AN2C" with two.
    """
    between = {1: "", 2: "N"}.get(distance, f"N{distance - 1}")
    return f"{first}{between}{second}"


class InteractionDisplay:
    """What two letters do together beyond the sum of their base effects.

    A row for each pair of letters, a column for each pair of positions. Only networks
    with windows or a hidden layer have interactions.

    Parameters
    ----------
    effects : InteractionEffects
        What is shown.
    name : str, default=None
        Name of the model, for the title.
    target_name : str, default=None
        What the effects are in, such as "indels, %", in place of "activity". Log odds
        and probabilities stay what they are.

    Attributes
    ----------
    ax_ : matplotlib Axes
        Where it was drawn.
    figure_ : matplotlib Figure
        The figure of `ax_`.
    heatmap_ : matplotlib QuadMesh
        The cells.
    colorbar_ : matplotlib Colorbar or None
        Their scale, with zero in the middle; None if ``heatmap_kwargs`` has
        ``cbar=False``.

    See Also
    --------
    BaseEffectsDisplay : What each letter does on its own.

    Examples
    --------
    >>> from sklearn.pipeline import make_pipeline
    >>> from sgrna_estimator import PositionwiseReLURegressor, SequenceOneHotTransformer
    >>> from sgrna_estimator.datasets import make_guide_screen
    >>> from sgrna_estimator.plotting import InteractionDisplay
    >>> screen = make_guide_screen(n_guides=100, random_state=0)
    >>> model = make_pipeline(
    ...     SequenceOneHotTransformer(),
    ...     PositionwiseReLURegressor(window_size=2, n_units=4, random_state=0),
    ... ).fit(screen.sequences, screen.data["log2fc"])
    >>> display = InteractionDisplay.from_estimator(model, layout="10+20+3+10")
    >>> [tick.get_text() for tick in display.ax_.get_yticklabels()][:5]
    ['AA', 'AC', 'AG', 'AT', 'CA']
    """

    def __init__(
        self,
        *,
        effects: InteractionEffects,
        name: str | None = None,
        target_name: str | None = None,
    ) -> None:
        self.effects = effects
        self.name = name
        self.target_name = target_name

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        *,
        distance: int = 1,
        layout: GuideLayout | str | None = None,
        numbering: Numbering = "spacer",
        name: str | None = None,
        target_name: str | None = None,
        ax: "Axes | None" = None,
        heatmap_kwargs: dict[str, Any] | None = None,
    ) -> Self:
        """Draw the interactions of a fitted network.

        Parameters
        ----------
        estimator : estimator
            A fitted network, bare or in a pipeline, a search, or bagged.
        distance : int, default=1
            How many positions of the context are from the first letter to the second.
        layout : GuideLayout or str, default=None
            Which positions are the spacer and the PAM, such as "4+20+3+3".
        numbering : {"spacer", "pam"}, default="spacer"
            Which has the position 1 at its start, with a layout.
        name : str, default=None
            Name of the model, for the title.
        target_name : str, default=None
            What the effects are in, in place of "activity".
        ax : matplotlib Axes, default=None
            Where to draw, best in a figure with ``layout="constrained"``; a new figure by
            default.
        heatmap_kwargs : dict, default=None
            Passed to :func:`seaborn.heatmap`.

        Returns
        -------
        InteractionDisplay

        Raises
        ------
        ValueError
            If the model has no interactions (it is additive, or not a network), or the
            layout or the distance does not fit.
        """
        effects = interaction_effects(
            estimator, distance, layout=layout, numbering=numbering
        )
        display = cls(effects=effects, name=name, target_name=target_name)
        return display.plot(ax, heatmap_kwargs=heatmap_kwargs)

    def plot(
        self,
        ax: "Axes | None" = None,
        *,
        heatmap_kwargs: dict[str, Any] | None = None,
    ) -> Self:
        """Draw the interactions.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Where to draw, best in a figure with ``layout="constrained"``; a new figure by
            default.
        heatmap_kwargs : dict, default=None
            Passed to :func:`seaborn.heatmap`.

        Returns
        -------
        InteractionDisplay
        """
        effects, distance = self.effects, self.effects.distance
        unit = unit_of(effects.unit, self.target_name)
        n_pairs = len(effects.values)
        rows = [
            pair_name(first, second, distance)
            for first in effects.letters
            for second in effects.letters
        ]
        ax = make_axes(ax, 6.5, 0.16 * len(rows) + 1.3)
        self.heatmap_, self.colorbar_ = draw_cells(
            ax,
            effects.values.reshape(n_pairs, -1).T,
            rows,
            f"interaction ({unit})",
            heatmap_kwargs or {},
        )
        ax.tick_params(axis="y", labelsize="small")
        names = effects.position_names
        pairs = zip(names[:n_pairs], names[distance:], strict=True)
        draw_position_axis(
            ax,
            effects,
            "positions",
            [f"{first}/{second}" for first, second in pairs],
            start=0,
            distance=distance,
            title=self.name,
        )
        self.ax_ = ax
        self.figure_ = figure_of(ax)
        return self
