"""The search for sites, compiled by numba.

Pure functions over arrays that write into the arrays they are given; all of them release
the GIL. A protospacer is known by its first base on the forward strand, whichever strand
its PAM is on: *number i* is the i-th of those that are looked at together.
"""

from numba import uint8, uintp

from sgrna_estimator._compiling import njit

# Marks of a protospacer: a PAM on the forward strand, and on the reverse strand
FORWARD, REVERSE = 1, 2


@njit
def mark_pams(letters, offset, sets, mark, marks):
    """Mark the protospacers that have a PAM.

    Parameters
    ----------
    letters : ndarray of shape (n_letters,), uint8
        Each letter as a bit: 1, 2, 4, 8 for A, C, G, T, and 0 for what is none of them.
    offset : int
        From the number of a protospacer to the letter where its PAM begins.
    sets : ndarray of shape (pam_length,), uint8
        The letters that the PAM may have at each position, as bits, in the order of the
        forward strand.
    mark : int
        ``FORWARD`` or ``REVERSE``.
    marks : ndarray of shape (n,), uint8
        The mark is set where there is a PAM; other bits stay as they are.
    """
    n, offset, mark = uintp(marks.size), uintp(offset), uint8(mark)
    others = uint8(255) ^ mark
    for i in range(n):
        marks[i] |= mark
    # Letters of the PAM outside, protospacers inside: vector instructions for many.
    for j in range(uintp(sets.size)):
        allowed = sets[j]
        for i in range(n):
            found = (letters[i + offset + j] & allowed) != 0
            marks[i] &= others | (mark if found else uint8(0))


@njit
def _copy(codes, first, length, backwards, contexts, site):
    """Write a context 5' to 3' on its strand; return whether all are letters."""
    is_letters = True
    for j in range(length):
        code = codes[first + (length - uintp(1) - j if backwards else j)]
        is_letters &= code < uint8(4)
        contexts[site * length + j] = uint8(3) - code if backwards else code
    return is_letters


@njit
def collect_sites(
    codes, inside, offsets, length, marks, numbers, strands, contexts, left_out
):
    """Write down the marked protospacers whose context is there and all letters.

    Parameters
    ----------
    codes : ndarray of shape (n_codes,), uint8
        Letter codes of the forward strand; below 4 for A, C, G, T.
    inside : tuple of 2 int
        The codes that are of the sequence, from and to; others are beyond its ends.
    offsets : tuple of 2 int
        From the number of a protospacer to the first code of its context, with the PAM
        on the forward and on the reverse strand.
    length : int
        Of a context.
    marks : ndarray of shape (n,), uint8
        As `mark_pams` leaves them.
    numbers : ndarray of shape (n_marks,), int64
    strands : ndarray of shape (n_marks,), int8
    contexts : ndarray of shape (n_marks * length,), uint8
        Overwritten with the sites, as far as there are any; two of one protospacer with
        the forward strand first.
    left_out : ndarray of shape (2,), int64
        Overwritten with the number of protospacers too near an end, and of those with
        other letters.

    Returns
    -------
    int
        The number of sites.
    """
    n_sites, length = uintp(0), uintp(length)
    left_out[:] = 0
    for i in range(uintp(marks.size)):
        if marks[i] == 0:
            continue
        for strand in range(2):
            backwards = strand == 1
            if not marks[i] & (REVERSE if backwards else FORWARD):
                continue
            first = i + uintp(offsets[strand])
            if first < uintp(inside[0]) or first + length > uintp(inside[1]):
                left_out[0] += 1
            elif not _copy(codes, first, length, backwards, contexts, n_sites):
                left_out[1] += 1
            else:
                numbers[n_sites] = i
                strands[n_sites] = -1 if backwards else 1
                n_sites += uintp(1)
    return n_sites
