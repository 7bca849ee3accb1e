"""The arithmetic of scoring, compiled by numba.

Pure functions over arrays that write into the arrays they are given; all of them release
the GIL. Indices are unsigned and arrays flat, as in the network's kernels.

Guides run along the last axis of everything between text and sums: letter codes are
``(n_letters, n)`` and the rows of a word's table are ``(n_words, n)``, so that
shifting letters into words is one vector instruction for many guides. A word of ``m``
letters of ``bits`` bits each is a row of a table of ``2 ** (m * bits)``; each word goes
on from the one before by ``steps[word]`` letters.
"""

import numpy as np
from llvmlite import ir
from numba import types, uint32, uintp
from numba.core import cgutils

from sgrna_estimator._compiling import llvm_of, njit

# Marks of a guide: codes of letters are below both.
DIFFERS, SPECIAL = 0x40, 0x80

# Columns of a table of rows that are added up in registers: four cache lines
N_COLUMNS = 64

# Guides whose text, codes and words stay in the first-level cache
_GUIDES_A_BLOCK = 512

# Words whose sums stay in registers. More share fewer writes of the sums, but their
# tables then push each other out of the second-level cache.
_WORDS_A_PASS = 8


@njit
def read_codes(text, width, places, lookup, checked, checks, codes, marks):
    """Translate bytes into letter codes, and mark the guides that are not all letters.

    Parameters
    ----------
    text : ndarray of shape (n * width,), uint8
        Bytes of n guides, ``width`` each.
    width : int
    places : ndarray of shape (n_letters,), intp
        The bytes of a guide that are read.
    lookup : ndarray of shape (256,), uint8
        Code of each byte, or ``SPECIAL``.
    checked : ndarray of shape (n_checked,), intp
        The bytes of a guide that are looked at without being read.
    checks : ndarray of shape (n_checked * 256,), uint8
        For each, 0 or the mark of each byte.
    codes : ndarray of shape (n_letters * n,), uint8
        Overwritten; without meaning for guides marked ``SPECIAL``.
    marks : ndarray of shape (n,), uint8
        Overwritten with 0, ``SPECIAL``, ``DIFFERS`` or both.
    """
    n, width = uintp(marks.size), uintp(width)
    for start in range(uintp(0), n, uintp(_GUIDES_A_BLOCK)):
        stop = min(start + uintp(_GUIDES_A_BLOCK), n)
        for i in range(start, stop):
            marks[i] = 0
        # Letters outside, guides inside: bytes come from the first-level cache, and
        # what is written is written in order.
        for j in range(uintp(places.size)):
            place = uintp(places[j])
            for i in range(start, stop):
                codes[j * n + i] = lookup[uintp(text[i * width + place])]
            for i in range(start, stop):
                marks[i] |= codes[j * n + i]
        for j in range(uintp(checked.size)):
            place = uintp(checked[j])
            for i in range(start, stop):
                marks[i] |= checks[j * uintp(256) + uintp(text[i * width + place])]
        for i in range(start, stop):
            marks[i] &= DIFFERS | SPECIAL


@njit
def _read_words(codes, n, start, size, bits, steps, rows, words):
    """Write the table rows (n_words * size, flat) of ``size`` guides from ``start`` on.

    ``rows`` is room for ``size`` numbers.
    """
    length = uint32(steps[0]) * uint32(bits)
    mask = (uint32(1) << length) - uint32(1)
    for i in range(size):
        rows[i] = 0
    letter = uintp(0)
    for w in range(uintp(steps.size)):
        for _ in range(steps[w]):
            at = letter * n + start
            for i in range(size):
                rows[i] = (rows[i] << uint32(bits)) | uint32(codes[at + i])
            letter += uintp(1)
        for i in range(size):
            # Letters of guides that are marked special do not fit into their bits.
            rows[i] &= mask
            words[w * size + i] = rows[i]


@njit
def add_numbers(codes, bits, steps, table, z):
    """Add to each guide the numbers of its words.

    Parameters
    ----------
    codes : ndarray of shape (n_letters * n,), uint8
    bits : int
        Bits of a letter.
    steps : ndarray of shape (n_words,), intp
        Letters by which each word goes on; the first is the length of a word.
    table : ndarray of shape (n_words * n_rows,), float32
    z : ndarray of shape (n,), float32
        Added to.
    """
    n, n_rows = uintp(z.size), uintp(table.size // steps.size)
    block = min(n, uintp(_GUIDES_A_BLOCK))
    rows = np.empty(block, np.uint32)
    words = np.empty(uintp(steps.size) * block, np.uint32)
    for start in range(uintp(0), n, block):
        size = min(block, n - start)
        _read_words(codes, n, start, size, bits, steps, rows, words)
        for w in range(uintp(steps.size)):
            for i in range(size):
                z[start + i] += table[w * n_rows + uintp(words[w * size + i])]


def _add_rows_in_python(sums, at, go_on, table, first, n_rows, words, i, size, n_words):
    columns = np.arange(N_COLUMNS)
    total = sums[int(at) + columns] if go_on else np.zeros_like(sums, shape=N_COLUMNS)
    for w in range(int(n_words)):
        row = int(first) + w * int(n_rows) + int(words[int(i) + w * int(size)])
        total = total + table[row * N_COLUMNS + columns]
    sums[int(at) + columns] = total


@llvm_of(_add_rows_in_python)
def _add_rows_of_words(
    typingctx, sums, at, go_on, table, first, n_rows, words, i, size, n_words
):
    """Add up rows of ``N_COLUMNS`` numbers, one from the table of each word, in ``sums``.

    What is there is overwritten, or added to if ``go_on``.

    In numba's own words, ``sums[at : at + N_COLUMNS]`` would go to memory and back for
    each word, and its length not be known to the compiler.
    """
    signature = types.void(
        sums, at, go_on, table, first, n_rows, words, i, size, n_words
    )  # fmt: skip

    def codegen(context, builder, signature, args):
        kinds = signature.args
        sums, at, go_on, table, first, n_rows, words, i, size, n_words = args
        n_bytes = kinds[0].dtype.bitwidth // 8
        number = context.get_data_type(kinds[0].dtype)
        vector = ir.VectorType(number, N_COLUMNS)
        pointer = vector.as_pointer()
        columns = ir.Constant(first.type, N_COLUMNS)

        def data(position, array):
            return context.make_array(kinds[position])(context, builder, array).data

        sums, table, words = data(0, sums), data(3, table), data(6, words)
        there = builder.bitcast(builder.gep(sums, [at]), pointer)
        before = builder.load(there, align=n_bytes)
        before = builder.select(go_on, before, ir.Constant(vector, None))
        total = cgutils.alloca_once_value(builder, before)
        with cgutils.for_range(builder, n_words) as loop:
            word = builder.load(
                builder.gep(words, [builder.add(i, builder.mul(loop.index, size))])
            )
            row = builder.add(first, builder.mul(loop.index, n_rows))
            row = builder.add(row, builder.zext(word, row.type))
            here = builder.gep(table, [builder.mul(row, columns)])
            here = builder.bitcast(here, pointer)
            added = builder.fadd(builder.load(total), builder.load(here, align=n_bytes))
            builder.store(added, total)
        builder.store(builder.load(total), there, align=n_bytes)
        return context.get_dummy_value()

    return signature, codegen


@njit
def add_rows(codes, bits, steps, table, n_groups, sums):
    """Add up the rows of each guide's words, ``N_COLUMNS`` columns at a time.

    Parameters
    ----------
    codes : ndarray of shape (n_letters * n,), uint8
    bits : int
        Bits of a letter.
    steps : ndarray of shape (n_words,), intp
        Letters by which each word goes on; the first is the length of a word.
    table : ndarray of shape (n_groups * n_words * n_rows * N_COLUMNS,), float32
        Group after group of columns.
    n_groups : int
    sums : ndarray of shape (n * n_groups * N_COLUMNS,), float32
        Overwritten.
    """
    n_words, columns, n_groups = uintp(steps.size), uintp(N_COLUMNS), uintp(n_groups)
    n = uintp(sums.size) // (n_groups * columns)
    n_rows = uintp(table.size) // (n_groups * n_words * columns)
    rows = np.empty(n, np.uint32)
    words = np.empty(n_words * n, np.uint32)
    _read_words(codes, n, uintp(0), n, bits, steps, rows, words)
    for group in range(n_groups):
        # The tables of a pass stay in the second-level cache while all guides use them.
        for w in range(uintp(0), n_words, uintp(_WORDS_A_PASS)):
            some = min(uintp(_WORDS_A_PASS), n_words - w)
            first = (group * n_words + w) * n_rows
            for i in range(n):
                at = (i * n_groups + group) * columns
                _add_rows_of_words(
                    sums, at, w > 0, table, first, n_rows, words, w * n + i, n, some
                )


@njit
def read_out(sums, weights, z):
    """Add to z (n,) the weighted sums (n * n_units, flat) of each guide above zero."""
    n_units = uintp(weights.size)
    for i in range(uintp(z.size)):
        total = sums.dtype.type(0)
        for u in range(n_units):
            total += max(sums[i * n_units + u], sums.dtype.type(0)) * weights[u]
        z[i] += total
