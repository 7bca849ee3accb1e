"""What each letter does at each position, as a picture."""

import warnings
from typing import TYPE_CHECKING, Any, Literal, Self

import numpy as np

from sgrna_estimator.inspection.effects import LetterEffects
from sgrna_estimator.inspection.letter_effects import letter_effects
from sgrna_estimator.plotting.position_axis import (
    UNKNOWN,
    draw_cells,
    draw_position_axis,
    unit_of,
)
from sgrna_estimator.plotting.style import (
    GREY,
    LETTER_COLOURS,
    figure_of,
    make_axes,
    room,
    tall,
    unbox,
    wrap,
)
from sgrna_estimator.sequences.layout import GuideLayout, Numbering

if TYPE_CHECKING:
    from matplotlib.axes import Axes


Kind = Literal["heatmap", "logo"]


class BaseEffectsDisplay:
    """What each letter does at each position of the context.

    Made by :meth:`from_estimator`, or from numbers of your own.

    Parameters
    ----------
    effects : LetterEffects
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
        The cells. Only of a heatmap, as the next.
    colorbar_ : matplotlib Colorbar or None
        Their scale, with zero in the middle; None if ``heatmap_kwargs`` has
        ``cbar=False``.
    logo_ : logomaker.Logo
        The letters. Only of a logo.

    See Also
    --------
    InteractionDisplay : What two letters do together.

    Examples
    --------
    >>> from sklearn.linear_model import RidgeCV
    >>> from sklearn.pipeline import make_pipeline
    >>> from sgrna_estimator import SequenceOneHotTransformer
    >>> from sgrna_estimator.datasets import make_guide_screen
    >>> from sgrna_estimator.plotting import BaseEffectsDisplay
    >>> screen = make_guide_screen(n_guides=100, random_state=0)
    >>> model = make_pipeline(SequenceOneHotTransformer(), RidgeCV())
    >>> model = model.fit(screen.sequences, screen.data["log2fc"])
    >>> display = BaseEffectsDisplay.from_estimator(model, layout="10+20+3+10")
    >>> display.colorbar_.ax.get_ylabel()
    'coefficient (activity)'
    """

    def __init__(
        self,
        *,
        effects: LetterEffects,
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
        kind: Kind = "heatmap",
        layout: GuideLayout | str | None = None,
        numbering: Numbering = "spacer",
        name: str | None = None,
        target_name: str | None = None,
        ax: "Axes | None" = None,
        heatmap_kwargs: dict[str, Any] | None = None,
        logo_kwargs: dict[str, Any] | None = None,
    ) -> Self:
        """Draw the effects of a fitted model.

        Parameters
        ----------
        estimator : estimator
            A fitted network or linear model of one-hot sequences, bare or in a
            pipeline, a search, or bagged.
        kind : {"heatmap", "logo"}, default="heatmap"
            A heatmap of letters by positions, or letters as tall as their effects.
        layout : GuideLayout or str, default=None
            Which positions are the spacer and the PAM: "4+20+3+3" has 4 positions
            before the spacer, a PAM of 3 and 3 after it. They are marked, and the
            positions are numbered from one of them.
        numbering : {"spacer", "pam"}, default="spacer"
            Which has the position 1 at its start, with a layout.
        name : str, default=None
            Name of the model, for the title.
        target_name : str, default=None
            What the effects are in, in place of "activity".
        ax : matplotlib Axes, default=None
            Where to draw, best in a figure with ``layout="constrained"``; a new figure by
            default.
        heatmap_kwargs, logo_kwargs : dict, default=None
            Passed to :func:`seaborn.heatmap` and to :class:`logomaker.Logo`.

        Returns
        -------
        BaseEffectsDisplay

        Raises
        ------
        ValueError
            If the model has no such effects, or the layout does not fit.
        """
        effects = letter_effects(estimator, layout=layout, numbering=numbering)
        display = cls(effects=effects, name=name, target_name=target_name)
        return display.plot(
            ax, kind=kind, heatmap_kwargs=heatmap_kwargs, logo_kwargs=logo_kwargs
        )

    def plot(
        self,
        ax: "Axes | None" = None,
        *,
        kind: Kind = "heatmap",
        heatmap_kwargs: dict[str, Any] | None = None,
        logo_kwargs: dict[str, Any] | None = None,
    ) -> Self:
        """Draw the effects.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Where to draw, best in a figure with ``layout="constrained"``; a new figure by
            default.
        kind : {"heatmap", "logo"}, default="heatmap"
            As in :meth:`from_estimator`.
        heatmap_kwargs, logo_kwargs : dict, default=None
            Passed to :func:`seaborn.heatmap` and to :class:`logomaker.Logo`.

        Returns
        -------
        BaseEffectsDisplay

        Raises
        ------
        ValueError
            If there is no such kind.
        """
        if kind not in ("heatmap", "logo"):
            raise ValueError(f"kind must be 'heatmap' or 'logo', got {kind!r}")
        effects = self.effects
        unit = unit_of(effects.unit, self.target_name)
        label = f"{effects.kind} ({unit})"
        if kind == "heatmap":
            ax = make_axes(ax, 6.5, 2.3)
            self._draw_heatmap(ax, label, heatmap_kwargs or {})
        else:
            ax = make_axes(ax, 6.5, 2.8)
            self._draw_logo(ax, label, logo_kwargs or {})
        start = 0 if kind == "heatmap" else -0.5
        labels = [str(name) for name in effects.position_names]
        draw_position_axis(
            ax, effects, "position", labels, start=start, title=self.name
        )
        if effects.lacking:
            note = (
                "against guides that have the position: "
                f"{effects.lacking[0]} to {effects.lacking[-1]}"
                if len(effects.lacking) > 1
                else f"against guides that have position {effects.lacking[0]}"
            )
            ax.set_xlabel(f"{ax.get_xlabel()}\n{wrap(note, 0.8 * room(ax))}")
        self.ax_ = ax
        self.figure_ = figure_of(ax)
        return self

    def _draw_heatmap(self, ax: "Axes", label: str, options: dict[str, Any]) -> None:
        self.heatmap_, self.colorbar_ = draw_cells(
            ax, self.effects.values.T, list(self.effects.letters), label, options
        )
        if self.effects.layout is not None:
            spacer, pam = self.effects.layout.spacer, self.effects.layout.pam
            for edge in {spacer.start, spacer.stop, pam.start, pam.stop}:
                ax.axvline(edge, color="0.2", linewidth=0.8)

    def _draw_logo(self, ax: "Axes", label: str, options: dict[str, Any]) -> None:
        import logomaker
        import pandas as pd

        letters = list(self.effects.letters)
        colours = {"U": LETTER_COLOURS["T"]} | LETTER_COLOURS
        table = pd.DataFrame(np.nan_to_num(self.effects.values), columns=letters)
        settings = {
            "color_scheme": {letter: colours.get(letter, GREY) for letter in letters},
            "flip_below": False,
            "vpad": 0.02,
        }
        with warnings.catch_warnings():
            # All effects may be zero, and logomaker's limits are theirs.
            warnings.filterwarnings(
                "ignore", "Attempting to set identical low and high"
            )
            self.logo_ = logomaker.Logo(table, ax=ax, **(settings | options))
        for place in np.flatnonzero(np.isnan(self.effects.values).all(axis=1)):
            ax.axvspan(place - 0.5, place + 0.5, color=UNKNOWN, linewidth=0, zorder=-1)
        unbox(ax)
        ax.set_ylabel(wrap(label, tall(ax)))
