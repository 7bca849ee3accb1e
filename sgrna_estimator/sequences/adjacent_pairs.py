"""Products of the letters of neighbouring positions, for linear models."""

from collections.abc import Sequence
from numbers import Integral
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.callback import CallbackSupportMixin, with_callbacks
from sklearn.utils.validation import check_is_fitted, validate_data

from sgrna_estimator._documentation import DocumentationLinkMixin
from sgrna_estimator._sklearn_private import (
    Interval,
    _check_feature_names_in,
    _fit_context,
)
from sgrna_estimator.sequences.column_names import (
    ColumnNamesError,
    read_names,
    write_pair,
)


class AdjacentPairsTransformer(
    CallbackSupportMixin, TransformerMixin, DocumentationLinkMixin, BaseEstimator
):
    """Add the products of neighbouring positions' letters to a one-hot matrix.

    A linear model on its output has an effect for each letter at each position and one
    for each dinucleotide at each pair of neighbours.

    Parameters
    ----------
    n_channels : int, default=4
        Columns of a position: the letters of the alphabet.

    Attributes
    ----------
    pairs_ : ndarray of shape (n_pairs, 2)
        Which positions (counted from 0, in the order of the columns) are neighbours.
    n_features_in_ : int
        Number of features seen in `fit`.
    feature_names_in_ : ndarray of shape (n_features,)
        Names of the features seen in `fit`, if ``X`` had any that are all strings.

    See Also
    --------
    sklearn.preprocessing.PolynomialFeatures : Products of all pairs of columns.

    Notes
    -----
    Neighbours in the matrix need not be neighbours in the sequence: an encoder may have
    dropped positions that never vary, such as the two G of a PAM. Where features
    have names ``"{position}_{letter}"`` with whole numbers for positions, behind the name
    of a transformer perhaps, only positions whose numbers differ by one are paired.
    Without such names (arrays and
    sparse matrices carry none) consecutive positions are taken as neighbours: keep the
    positions that do not vary in the encoder before, a penalised model does not mind.

    Examples
    --------
    >>> import numpy as np
    >>> from sgrna_estimator import AdjacentPairsTransformer
    >>> A, C = np.eye(4)[[0, 1]]
    >>> pairs = AdjacentPairsTransformer().fit([[*A, *C]])
    >>> pairs.transform([[*A, *C]]).shape
    (1, 24)

    Names say which positions are neighbours; here the third was dropped:

    >>> import pandas as pd
    >>> names = [f"{position}_{letter}" for position in (1, 2, 4) for letter in "ACGT"]
    >>> X = pd.DataFrame([[*A, *C, *A]], columns=names)
    >>> pairs = AdjacentPairsTransformer().set_output(transform="pandas")
    >>> row = pairs.fit_transform(X).iloc[0]
    >>> row[row == 1].index.tolist()
    ['1_A', '2_C', '4_A', '1A_2C']
    """

    _parameter_constraints: ClassVar[dict[str, list]] = {
        "n_channels": [Interval(Integral, 1, None, closed="left")],
    }

    pairs_: NDArray[np.intp]

    def __init__(self, n_channels: int = 4) -> None:
        self.n_channels = n_channels

    @with_callbacks
    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X: ArrayLike, y: object = None) -> Self:
        """Find out which positions are neighbours.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_guides, n_positions * n_channels)
            One-hot matrix, the columns of a position side by side. Any numbers are
            multiplied alike.
        y : object, default=None
            Ignored.

        Returns
        -------
        self : AdjacentPairsTransformer

        Raises
        ------
        ValueError
            If the columns are not a whole number of positions, or have names that say
            otherwise.
        """
        features = self._validate(X, reset=True)
        context = self._init_callback_context()
        context.call_on_fit_task_begin(estimator=self, X=X, y=y)
        n_features = features.shape[1]
        if n_features % self.n_channels:
            raise ValueError(
                f"X has {n_features} columns, which is not a whole number of positions "
                f"of n_channels={self.n_channels} columns each"
            )
        n_positions = n_features // self.n_channels
        first = np.flatnonzero(np.diff(self._numbers(n_positions)) == 1)
        self.pairs_ = np.column_stack([first, first + 1])
        context.call_on_fit_task_end(estimator=self, X=X, y=y)
        return self

    def transform(self, X: ArrayLike) -> Any:
        """Return the columns of X, then the products.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_guides, n_positions * n_channels)
            One-hot matrix.

        Returns
        -------
        {ndarray, CSR matrix} of shape (n_guides, n_features_out)
            Sparse if X is. For each pair of neighbours there are ``n_channels ** 2``
            products, the second letter running fastest.
        """
        check_is_fitted(self)
        features = self._validate(X, reset=False)
        left, right = self._factors()
        if sparse.issparse(features):
            products = features[:, left].multiply(features[:, right])
            return sparse.hstack([features, products], format="csr")
        return np.hstack([features, features[:, left] * features[:, right]])

    def get_feature_names_out(self, input_features: ArrayLike | None = None) -> NDArray:
        """Return the names of the output columns.

        Parameters
        ----------
        input_features : array-like of str of shape (n_features,), default=None
            Names of the columns of X; those seen in `fit` or ``"x0"``, ``"x1"``, ...
            by default.

        Returns
        -------
        ndarray of str of shape (n_features_out,)
            The names of the columns of X, then ``"1A_2C"`` for the product of ``"1_A"``
            and ``"2_C"``, or ``"x0 x5"`` for that of ``"x0"`` and ``"x5"``.
        """
        check_is_fitted(self, "pairs_")
        names = _check_feature_names_in(self, input_features)
        products = [
            write_pair(names[left], names[right])
            for left, right in zip(*self._factors(), strict=True)
        ]
        return np.concatenate([names, np.asarray(products, dtype=object)])

    def _validate(self, X: ArrayLike, *, reset: bool) -> Any:
        return validate_data(
            self, X, accept_sparse="csr", dtype=[np.float64, np.float32], reset=reset
        )

    def _numbers(self, n_positions: int) -> Sequence[int]:
        """Return numbers of the positions: those in their names, or one by one."""
        try:
            named = read_names(getattr(self, "feature_names_in_", ()))
        except ColumnNamesError as error:
            raise ValueError(
                f"{error}: give AdjacentPairsTransformer the columns of the sequence "
                "only, such as in a ColumnTransformer"
            ) from None
        if named is None:
            return range(n_positions)
        if len(named.letters) != self.n_channels:
            raise ValueError(
                f"n_channels={self.n_channels} contradicts the names of the columns, "
                f"which are of the {len(named.letters)} letters {named.letters}"
            )
        numbers = [name for name in named.positions if isinstance(name, int)]
        return numbers if len(numbers) == n_positions else range(n_positions)

    def _factors(self) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Return the columns of the left and of the right factor of each product."""
        letters = np.arange(self.n_channels)
        left = self.pairs_[:, 0, None, None] * self.n_channels + letters[:, None]
        right = self.pairs_[:, 1, None, None] * self.n_channels + letters
        left, right = np.broadcast_arrays(left, right)
        return left.ravel(), right.ravel()

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags
