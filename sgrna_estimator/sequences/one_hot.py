"""One-hot encoding of aligned sequences: letter codes in, model columns out."""

from typing import Any, Self

import numpy as np
import scipy.sparse as sp
from numpy.typing import DTypeLike, NDArray
from sklearn import get_config
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.callback import CallbackSupportMixin, with_callbacks
from sklearn.utils import Tags, check_array
from sklearn.utils.validation import check_is_fitted, validate_data

from sgrna_estimator._documentation import DocumentationLinkMixin
from sgrna_estimator._sklearn_private import StrOptions, _fit_context
from sgrna_estimator.sequences.alphabet import Alphabet, Unknown
from sgrna_estimator.sequences.codes import Align, encode_sequences, read_texts
from sgrna_estimator.sequences.encoding import Encoding


class SequenceOneHotTransformer(
    CallbackSupportMixin, TransformerMixin, DocumentationLinkMixin, BaseEstimator
):
    """Encode sequences of one length (or aligned at one end) as one-hot columns.

    Each position that varies in training becomes ``len(alphabet)`` columns, of which
    the one of its letter is 1 and the others are 0. Positions stay whole and in order,
    so that models of positions and windows can find them.

    Parameters
    ----------
    alphabet : str, default="ACGT"
        The letters, in the order of their columns. Case does not matter, here and in
        the sequences. With the four nucleotides, ``U`` reads as ``T`` (or ``T`` as
        ``U`` if the alphabet has that one).
    unknown : {"error", "zero", "spread"}, default="error"
        What to do with a character that is not in the alphabet.

        - "error": raise a `ValueError` that names the row, position and character.
        - "zero": leave the position empty, all its columns 0.
        - "spread": split an IUPAC ambiguity code (``N``, ``R``, ...) evenly over the
          letters it stands for; refuse everything else. An alphabet that is not of
          nucleotides knows one such code, ``X`` for any letter.

        Blanks are refused in each case.
    align : {None, "left", "right"}, default=None
        With None, all sequences must have one length. Otherwise they are lined up at
        that end ("right" is usually the side of the PAM), to the longest seen in
        `fit`, and the positions that a shorter one lacks are left empty. Then
        `transform` refuses sequences longer than that.
    drop_constant : bool, default=True
        Drop the positions that hold one letter only in training, such as the G that
        starts the spacer or the GG of the PAM. An unknown letter does not make a
        position vary; the absence of a letter in an aligned shorter sequence does. A
        sequence that has another letter there at `transform` gets a warning, because
        its encoding cannot show it.
    sparse_output : bool, default=False
        Whether to return a SciPy sparse matrix in CSR format rather than an array.
    dtype : dtype, default=numpy.float32
        Type of the output: boolean, integer or floating ("spread" needs floating).
    position_names : array-like of shape (n_positions,), default=None
        Names of all positions of a sequence, dropped ones included, for
        `get_feature_names_out`, for example -10 to 32 to count from the spacer. None
        counts from 1.

    Attributes
    ----------
    sequence_length_ : int
        Number of positions, that is, the length of the longest sequence.
    kept_positions_ : ndarray of shape (n_kept,), intp
        0-based positions that are encoded.
    dropped_letters_ : dict of int to str
        Letter of each dropped position, by 0-based position: that of all training
        sequences (an ambiguity code where none of them says which).
    encoding_ : Encoding
        The fitted encoding, to which `transform` and `inverse_transform` delegate and
        which compiled scorers take.
    n_features_in_ : int
        1, the column of sequences.
    feature_names_in_ : ndarray of shape (1,)
        Name of that column, if `fit` saw a data frame with string column names.

    See Also
    --------
    sklearn.preprocessing.OneHotEncoder : Categories of separate columns.

    Notes
    -----
    `fit` and `transform` take a list, a pandas or polars Series, a one-dimensional
    array of strings, or a data frame (or array) of one column. Rows in messages count
    from 0, positions from 1.

    Examples
    --------
    >>> from sgrna_estimator import SequenceOneHotTransformer
    >>> encoder = SequenceOneHotTransformer().fit(["GATC", "GCTA", "gcua"])
    >>> encoder.transform(["GATA"])
    array([[1., 0., 0., 0., 1., 0., 0., 0.]], dtype=float32)
    >>> encoder.get_feature_names_out()
    array(['2_A', '2_C', '2_G', '2_T', '4_A', '4_C', '4_G', '4_T'],
          dtype=object)
    >>> encoder.dropped_letters_
    {0: 'G', 2: 'T'}
    >>> encoder.inverse_transform(encoder.transform(["GCUC"]))
    array(['GCTC'], dtype=object)
    """

    _parameter_constraints = {
        "alphabet": [str],
        "unknown": [StrOptions({"error", "zero", "spread"})],
        "align": [StrOptions({"left", "right"}), None],
        "drop_constant": ["boolean"],
        "sparse_output": ["boolean"],
        "dtype": "no_validation",  # by numpy.dtype
        "position_names": ["array-like", None],
    }

    def __init__(
        self,
        alphabet: str = "ACGT",
        unknown: Unknown = "error",
        align: Align = None,
        drop_constant: bool = True,
        sparse_output: bool = False,
        dtype: DTypeLike = np.float32,
        position_names: Any = None,
    ) -> None:
        self.alphabet = alphabet
        self.unknown = unknown
        self.align = align
        self.drop_constant = drop_constant
        self.sparse_output = sparse_output
        self.dtype = dtype
        self.position_names = position_names

    @with_callbacks
    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X: Any, y: Any = None) -> Self:
        """Learn the length of the sequences and the positions that vary.

        Parameters
        ----------
        X : array-like or one-column DataFrame of shape (n_sequences,)
            Sequences of letters.
        y : object, default=None
            Ignored.

        Returns
        -------
        self : SequenceOneHotTransformer
            The fitted transformer.

        Raises
        ------
        ValueError
            If a parameter is wrong, a sequence is missing, empty, of another length
            than most or holds a character that cannot be read, or if no position
            varies.
        """
        self._fit_with_callbacks(X, y)
        return self

    @with_callbacks
    @_fit_context(prefer_skip_nested_validation=True)
    def fit_transform(self, X: Any, y: Any = None) -> NDArray | sp.csr_matrix:
        """Fit to sequences and encode them, reading them once.

        Parameters
        ----------
        X : array-like or one-column DataFrame of shape (n_sequences,)
            Sequences of letters.
        y : object, default=None
            Ignored.

        Returns
        -------
        X_encoded : {ndarray, sparse matrix} of shape \
                (n_sequences, n_kept * n_letters)
            The same as ``fit(X).transform(X)``.
        """
        return self._one_hot(self._fit_with_callbacks(X, y))

    def transform(self, X: Any) -> NDArray | sp.csr_matrix:
        """Encode sequences.

        Parameters
        ----------
        X : array-like or one-column DataFrame of shape (n_sequences,)
            Sequences of letters.

        Returns
        -------
        X_encoded : {ndarray, sparse matrix} of shape \
                (n_sequences, n_kept * n_letters)
            Columns in the order of `get_feature_names_out`.

        Raises
        ------
        ValueError
            If a sequence is missing, empty, of another length than in `fit` (longer,
            with `align`) or holds a character that cannot be read.

        Warns
        -----
        UserWarning
            If a sequence has another letter than all training sequences at a position
            that was dropped because it was constant.
        """
        check_is_fitted(self)
        if hasattr(self, "feature_names_in_") and hasattr(X, "columns"):
            validate_data(self, X, reset=False, skip_check_array=True)
        codes = self.encoding_.encode(read_texts(X))
        rows = np.flatnonzero(self.encoding_.differs(codes).any(axis=1))
        if rows.size:
            self.encoding_.warn_of_dropped(rows, codes[rows[0]])
        return self._one_hot(codes)

    def inverse_transform(self, X: Any) -> NDArray:
        """Return the sequences of encoded rows.

        Dropped positions get their training letter back. An empty position is written
        as an unknown letter (``N``, or ``X`` if the letters are not nucleotides); with
        `align`, empty positions at the open end are taken as a shorter sequence. A
        position spread over several letters is written as their ambiguity code.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_sequences, n_kept * n_letters)
            Encoded sequences.

        Returns
        -------
        sequences : ndarray of shape (n_sequences,), object
            Strings, in upper case.

        Raises
        ------
        ValueError
            If the columns are not those of `transform`, or a position holds numbers
            that encode no letter.
        """
        check_is_fitted(self)
        X = check_array(X, accept_sparse="csr")
        n_columns = len(self.encoding_.column_names())
        if X.shape[1] != n_columns:
            raise ValueError(
                f"X has {X.shape[1]} features, but inverse_transform of "
                f"{type(self).__name__} expects the {n_columns} of transform"
            )
        codes = self.encoding_.codes(X)
        return np.array(self.encoding_.write(codes), dtype=object)

    def get_feature_names_out(self, input_features: Any = None) -> NDArray:
        """Return the names of the columns, ``"{position}_{letter}"``.

        Parameters
        ----------
        input_features : array-like of shape (1,), default=None
            Name of the column of sequences; only checked.

        Returns
        -------
        feature_names_out : ndarray of shape (n_kept * n_letters,), object
            For example ``"1_A"``: position 1 counting from 1, or as `position_names`
            has it.

        Raises
        ------
        ValueError
            If `input_features` is not one name or not the one seen in `fit`.
        """
        check_is_fitted(self)
        self._check_input_features(input_features)
        return np.array(self.encoding_.column_names(), dtype=object)

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.one_d_array = True
        tags.input_tags.two_d_array = False  # one column of strings is accepted
        tags.input_tags.string = True
        return tags

    def _fit_with_callbacks(self, X: Any, y: Any) -> NDArray[np.uint8]:
        """Fit as one task, so that callbacks of a pipeline pass through."""
        context = self._init_callback_context()
        context.call_on_fit_task_begin(estimator=self, X=X, y=y)
        codes = self._fit_codes(X)
        context.call_on_fit_task_end(estimator=self, X=X, y=y)
        return codes

    def _fit_codes(self, X: Any) -> NDArray[np.uint8]:
        """Set the fitted attributes and return the codes of the sequences."""
        alphabet = Alphabet(self.alphabet)
        dtype = self._check_dtype()
        codes = encode_sequences(
            read_texts(X), alphabet, unknown=self.unknown, align=self.align
        )
        self.encoding_ = Encoding.of(
            codes,
            alphabet,
            unknown=self.unknown,
            align=self.align,
            dtype=dtype,
            position_names=self._check_position_names(codes.shape[1]),
            drop_constant=self.drop_constant,
        )
        self.sequence_length_ = self.encoding_.length
        self.kept_positions_ = self.encoding_.kept
        self.dropped_letters_ = self.encoding_.dropped_letters
        self.n_features_in_ = 1
        # Sets, or after an earlier fit removes, feature_names_in_.
        validate_data(self, X, reset=True, skip_check_array=True)
        return codes

    def _check_dtype(self) -> np.dtype:
        dtype = np.dtype(self.dtype)
        if self.unknown == "spread" and dtype.kind != "f":
            raise ValueError(
                f"dtype must be a floating type with unknown='spread', got {dtype}"
            )
        if dtype.kind not in "biuf" or (self.sparse_output and dtype == np.float16):
            raise ValueError(
                "dtype must be boolean, integer or floating (and not float16 with "
                f"sparse_output=True), got {dtype}"
            )
        return dtype

    def _check_position_names(self, n_positions: int) -> tuple[str, ...]:
        if self.position_names is None:
            return tuple(str(position + 1) for position in range(n_positions))
        names = tuple(str(name) for name in self.position_names)
        if len(names) != n_positions or len(set(names)) < n_positions:
            raise ValueError(
                f"position_names must be {n_positions} distinct names, one for each "
                f"position of a sequence, got {len(names)} ({len(set(names))} distinct)"
            )
        return names

    def _check_input_features(self, input_features: Any) -> None:
        if input_features is None:
            return
        if len(input_features) != 1:
            raise ValueError(
                "input_features should have length equal to number of features (1), "
                f"got {len(input_features)}"
            )
        names_in = getattr(self, "feature_names_in_", None)
        if names_in is not None and list(input_features) != list(names_in):
            raise ValueError("input_features is not equal to feature_names_in_")

    def _one_hot(self, codes: NDArray[np.uint8]) -> NDArray | sp.csr_matrix:
        encoded = self.encoding_.columns(codes, sparse=self.sparse_output)
        if self.sparse_output and get_config()["sparse_interface"] == "sparray":
            return sp.csr_array(encoded)
        return encoded
