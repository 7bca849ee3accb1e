"""Fitted mixtures of screens as tables: of guides, of genes and of screens."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sgrna_estimator.mixtures.screens import FittedMixtures


def describe_guides(
    fitted: FittedMixtures,
    groups: pd.Series | None,
    is_control: NDArray[np.bool_],
) -> pd.DataFrame:
    """Return what mixtures say of each guide that they were fitted to.

    Parameters
    ----------
    fitted : FittedMixtures
        The mixtures.
    groups : Series of shape (n_guides,) or None
        Gene of each guide.
    is_control : ndarray of bool of shape (n_guides,)
        Which guides are negative controls.

    Returns
    -------
    DataFrame of shape (n_guides, 3)
        ``mixture_probs``, the probability of being active, ``gene_effect``, log2, and
        ``mixing``, the last two nan for negative controls.
    """
    effect = np.full(len(is_control), np.nan)
    mixing = np.full(len(is_control), np.nan)
    for number, mixture in enumerate(fitted.mixtures):
        rows = np.flatnonzero((fitted.screen == number) & ~is_control)
        gene = np.zeros(len(rows), dtype=np.intp)
        if groups is not None:
            gene = pd.Index(mixture.groups_).get_indexer(groups.iloc[rows])
        effect[rows] = mixture.gene_effects_[gene]
        mixing[rows] = mixture.mixing_[gene]
    return pd.DataFrame(
        {
            "mixture_probs": fitted.probability,
            "gene_effect": effect,
            "mixing": mixing,
        }
    )


def describe_null(mixture: Any) -> str:
    """Return the fitted null in words, "around 0.01 with scale 1.2 (normal)".

    Parameters
    ----------
    mixture : GuideEffectMixture
        Fitted.
    """
    kind = "normal"
    if np.isfinite(mixture.null_dof_):
        kind = f"t with {mixture.null_dof_:.3g} degrees of freedom"
    return (
        f"around {mixture.null_mean_:.3g} with scale {mixture.null_scale_:.3g} ({kind})"
    )


def describe_genes(fitted: FittedMixtures) -> pd.DataFrame:
    """Return the genes of each screen, with standard errors.

    Parameters
    ----------
    fitted : FittedMixtures
        The mixtures.

    Returns
    -------
    DataFrame
        ``screen``, ``gene``, ``gene_effect``, ``gene_effect_std_error``, ``mixing``
        and ``mixing_std_error``.
    """
    return pd.concat(
        [
            pd.DataFrame(
                {
                    "screen": screen,
                    "gene": mixture.groups_,
                    "gene_effect": mixture.gene_effects_,
                    "gene_effect_std_error": mixture.gene_effect_std_errors_,
                    "mixing": mixture.mixing_,
                    "mixing_std_error": mixture.mixing_std_errors_,
                }
            )
            for screen, mixture in zip(fitted.screens, fitted.mixtures, strict=True)
        ],
        ignore_index=True,
    )


def describe_screens(
    fitted: FittedMixtures, is_control: NDArray[np.bool_]
) -> pd.DataFrame:
    """Return a row for each screen: its size and the parameters of its mixture.

    Parameters
    ----------
    fitted : FittedMixtures
        The mixtures.
    is_control : ndarray of bool of shape (n_guides,)
        Which guides are negative controls, which are not counted.

    Returns
    -------
    DataFrame
        ``screen``, ``guides``, ``genes``, ``expected active`` (guides), ``direction``,
        ``null mean``, ``null scale``, ``null df`` (degrees of freedom, inf for a
        normal null), ``active sd``, ``mu1`` and ``q0``.
    """
    counted = ~is_control
    n_guides = np.bincount(fitted.screen[counted], minlength=len(fitted.screens))
    active = np.bincount(
        fitted.screen[counted],
        fitted.probability[counted],
        minlength=len(fitted.screens),
    )
    return pd.DataFrame(
        [
            {
                "screen": screen,
                "guides": guides,
                "genes": len(mixture.groups_),
                "expected active": round(expected),
                "direction": mixture.direction_,
                "null mean": round(mixture.null_mean_, 3),
                "null scale": round(mixture.null_scale_, 3),
                "null df": round(mixture.null_dof_, 1),
                "active sd": round(mixture.active_scale_, 3),
                "mu1": round(mixture.mu1_, 3),
                "q0": round(mixture.q0_, 3),
            }
            for screen, guides, expected, mixture in zip(
                fitted.screens, n_guides, active, fitted.mixtures, strict=True
            )
        ]
    )
