"""One-hot columns -> the letter at each position, compiled by numba."""

from numba import uintp

from sgrna_estimator._compiling import njit


@njit
def _letter(X, i, start, A):
    """Return the channel that is 1, A where none is, and A + 1 if it is not one-hot.

    Without branches, which letters make unpredictable.
    """
    one_hot = True
    n_ones = channel = X.dtype.type(0)
    for a in range(A):
        value = X[i, start + a]
        one_hot &= value * value == value
        n_ones += value
        channel += value * X.dtype.type(a)
    letter = uintp(channel) if n_ones > 0 else A
    return letter if one_hot and n_ones <= 1 else A + uintp(1)


@njit
def letters_from_dense(X, n_channels, letters):
    """Write the channel that is 1 at each position; return whether X is one-hot.

    Parameters
    ----------
    X : ndarray of shape (n, L * n_channels)
        Of any real type.
    n_channels : int
        Also the code of a position where all channels are 0.
    letters : ndarray of shape (n, L), uint8
        Overwritten; without meaning if False is returned.
    """
    A = uintp(n_channels)
    for i in range(uintp(letters.shape[0])):
        one_hot = True
        for p in range(uintp(letters.shape[1])):
            if n_channels == 4:  # DNA: a loop of known length is unrolled
                letter = _letter(X, i, p * uintp(4), uintp(4))
            else:
                letter = _letter(X, i, p * A, A)
            one_hot &= letter <= A
            letters[i, p] = letter
        if not one_hot:
            return False
    return True


@njit
def letters_from_csr(indptr, indices, data, n_channels, letters):
    """Do what ``letters_from_dense`` does, for a matrix in CSR form."""
    letters[:] = n_channels
    for i in range(letters.shape[0]):
        for j in range(indptr[i], indptr[i + 1]):
            if data[j] != 0:
                p = indices[j] // n_channels
                if data[j] != 1 or letters[i, p] != n_channels:
                    return False
                letters[i, p] = indices[j] % n_channels
    return True
