"""The genes of one or several screens: numbered in a fit, found again afterwards."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sgrna_estimator._typing import Floats, Ints
from sgrna_estimator.mixtures.guides import Guides
from sgrna_estimator.mixtures.labels import Labels, check_spread


@dataclass(frozen=True)
class ScreenGenes:
    """Genes that a fit saw, screen by screen; a gene in two screens is there twice.

    Attributes
    ----------
    groups, screens : Labels
        Labels of genes and of screens.
    group_of_gene, screen_of_gene : ndarray of shape (n_genes,), intp
        Number of each gene's label, and of its screen.
    screen_shares : ndarray of shape (n_screens,)
        Share of the guides' weight that each screen has.
    """

    groups: Labels
    screens: Labels
    group_of_gene: Ints
    screen_of_gene: Ints
    screen_shares: Floats

    def find(
        self, groups: ArrayLike | None, screens: ArrayLike | None, n_guides: int
    ) -> tuple[Ints, Floats]:
        """Return the gene of each guide, and which screens it may be of.

        Parameters
        ----------
        groups, screens : array-like of shape (n_guides,) or None
            Labels of the guides.
        n_guides : int
            Number of labels expected.

        Returns
        -------
        gene : ndarray of shape (n_guides,), intp
            Number of each guide's gene, -1 where the fit did not see it. Without a
            screen it is the only gene of that label, if there is only one.
        shares : ndarray of shape (n_guides, n_screens)
            1 for the screen of the guide, or that of all guides where it is not known.

        Raises
        ------
        ValueError
            If labels are given now and were not in the fit.
        """
        group = self.groups.find(groups, n_guides, "groups")
        screen = self.screens.find(screens, n_guides, "screens")
        n_screens = len(self.screens.values)
        shares = np.where(
            (screen >= 0)[:, None],
            screen[:, None] == np.arange(n_screens),
            self.screen_shares,
        )
        number = np.full((n_screens, len(self.groups.values)), -1, dtype=np.intp)
        genes = np.arange(self.screen_of_gene.size)
        number[self.screen_of_gene, self.group_of_gene] = genes
        is_seen = number >= 0
        only_screen = np.where(is_seen.sum(axis=0) == 1, is_seen.argmax(axis=0), -1)
        screen = np.where(screen >= 0, screen, only_screen[group])
        gene = number[screen, group]
        return np.where((group >= 0) & (screen >= 0), gene, -1), shares


def sort_by_gene(
    values: Floats,
    weight: Floats,
    group: tuple[Labels, Ints],
    screen: tuple[Labels, Ints],
    is_control: NDArray[np.bool_],
) -> tuple[Guides, Ints, ScreenGenes]:
    """Return the guides to fit, in the order of their genes.

    Parameters
    ----------
    values : ndarray of shape (n_guides,)
        Log2 fold changes.
    weight : ndarray of shape (n_guides,)
        Weights, not negative. Guides of weight 0 are left out.
    group, screen : tuple of Labels and ndarray of shape (n_guides,)
        Labels, and the number of each guide's, as `learn_labels` returns them.
    is_control : ndarray of bool of shape (n_guides,)
        Which guides are negative controls. They are left out.

    Returns
    -------
    guides : Guides
        The guides that are left.
    rows : ndarray of intp
        Their rows.
    genes : ScreenGenes
        Their genes.

    Raises
    ------
    ValueError
        If a screen has no guide that is left, or all have the same log2 fold change.
    """
    (groups, group_number), (screens, screen_number) = group, screen
    rows = np.flatnonzero(~is_control & (weight > 0))
    check_spread(values[rows])
    n_groups, n_screens = len(groups.values), len(screens.values)
    for empty in np.setdiff1d(np.arange(n_screens), screen_number[rows]):
        raise ValueError(
            f"the guides{screens.describe(empty, 'screen')} are all negative controls "
            "or have a weight of 0"
        )
    seen, gene = np.unique(
        screen_number[rows] * n_groups + group_number[rows], return_inverse=True
    )
    screen_of_gene, group_of_gene = np.divmod(seen, n_groups)
    order = np.argsort(gene, kind="stable")
    rows = rows[order]
    guides = Guides(values[rows], weight[rows], gene[order], screen_of_gene, n_screens)
    weight_of_screen = np.bincount(guides.screen, guides.weight, n_screens)
    screen_shares = weight_of_screen / weight_of_screen.sum()
    genes = ScreenGenes(groups, screens, group_of_gene, screen_of_gene, screen_shares)
    return guides, rows, genes
