"""Loops over short rows of numbers, written in LLVM.

A compiled loop of unknown length first tests whether the arrays overlap and then handles
fewer than 32 numbers one by one, which is most of the time of a network whose windows
have a few units each, or of a row of 30 positions. These load, multiply and add whole
vectors from the start.

Each stands beside what it does in Python, which runs where ``NUMBA_DISABLE_JIT`` is set.
"""

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils

from sgrna_estimator._compiling import llvm_of

_VECTOR_BYTES = 32
_FUSED = ("contract",)  # a product and a sum may be one instruction


def _blocks_and_rest(builder, n, lanes, add_block, add_one):
    """Emit a loop over blocks of ``lanes`` numbers, then one over what is left."""
    step = ir.Constant(n.type, lanes)
    n_blocks = builder.udiv(n, step)
    with cgutils.for_range(builder, n_blocks) as loop:
        add_block(builder.mul(loop.index, step))
    done = builder.mul(n_blocks, step)
    with cgutils.for_range(builder, builder.sub(n, done)) as loop:
        add_one(builder.add(done, loop.index))


def _row_address(context, builder, kind, array, index):
    data = context.make_array(kind)(context, builder, array).data
    return builder.gep(data, [index])


def _lane(number):
    return ir.Constant(ir.IntType(32), number)


def _n_lanes(kind):
    return kind.count if isinstance(kind, ir.VectorType) else 1


def _gathered(builder, kind, number_of_lane):
    """Return a vector, or a number, of what ``number_of_lane`` gives for each lane."""
    if _n_lanes(kind) == 1:
        return number_of_lane(0)
    vector = ir.Constant(kind, ir.Undefined)
    for lane in range(kind.count):
        vector = builder.insert_element(vector, number_of_lane(lane), _lane(lane))
    return vector


def _sum_of_lanes(builder, vector):
    """Add the halves, then their halves: fewer sums wait for each other."""
    undefined = ir.Constant(vector.type, ir.Undefined)
    for n in (4, 2, 1):
        if n >= vector.type.count:
            continue
        halves = []
        for first in (0, n):
            lanes = [_lane(first + lane) for lane in range(n)]
            chosen = ir.Constant(ir.VectorType(ir.IntType(32), n), lanes)
            halves.append(builder.shuffle_vector(vector, undefined, chosen))
        vector = builder.fadd(*halves)
        undefined = ir.Constant(vector.type, ir.Undefined)
    return builder.extract_element(vector, _lane(0))


def _add_scaled(target, i, factor, source, j, n):
    target[i : i + n] += factor * source[j : j + n]


@llvm_of(_add_scaled)
def add_scaled(typingctx, target, i, factor, source, j, n):
    """Add ``factor * source[j : j + n]`` to ``target[i : i + n]``."""
    signature = types.void(target, i, factor, source, j, n)

    def codegen(context, builder, signature, args):
        kinds = signature.args
        number = context.get_data_type(kinds[0].dtype)
        n_bytes = kinds[0].dtype.bitwidth // 8
        vector = ir.VectorType(number, _VECTOR_BYTES // n_bytes)
        to = _row_address(context, builder, kinds[0], args[0], args[1])
        of = _row_address(context, builder, kinds[3], args[3], args[4])
        factors = _gathered(builder, vector, lambda lane: args[2])

        def add(element, factor, offset):
            pointer = element.as_pointer()
            there = builder.bitcast(builder.gep(to, [offset]), pointer)
            here = builder.bitcast(builder.gep(of, [offset]), pointer)
            scaled = builder.fmul(factor, builder.load(here, align=n_bytes), _FUSED)
            total = builder.fadd(builder.load(there, align=n_bytes), scaled, _FUSED)
            builder.store(total, there, align=n_bytes)

        _blocks_and_rest(
            builder,
            args[5],
            vector.count,
            lambda offset: add(vector, factors, offset),
            lambda offset: add(number, args[2], offset),
        )
        return context.get_dummy_value()

    return signature, codegen


def _dot(left, i, right, j, n):
    return np.sum(left[i : i + n] * right[j : j + n])


@llvm_of(_dot)
def dot(typingctx, left, i, right, j, n):
    """Return the inner product of ``left[i : i + n]`` and ``right[j : j + n]``."""
    signature = left.dtype(left, i, right, j, n)

    def codegen(context, builder, signature, args):
        kinds = signature.args
        number = context.get_data_type(kinds[0].dtype)
        n_bytes = kinds[0].dtype.bitwidth // 8
        vector = ir.VectorType(number, _VECTOR_BYTES // n_bytes)
        a = _row_address(context, builder, kinds[0], args[0], args[1])
        b = _row_address(context, builder, kinds[2], args[2], args[3])
        sums = cgutils.alloca_once_value(builder, ir.Constant(vector, None))
        rest = cgutils.alloca_once_value(builder, ir.Constant(number, 0.0))

        def add(element, total, offset):
            pointer = element.as_pointer()
            x = builder.bitcast(builder.gep(a, [offset]), pointer)
            y = builder.bitcast(builder.gep(b, [offset]), pointer)
            product = builder.fmul(
                builder.load(x, align=n_bytes), builder.load(y, align=n_bytes), _FUSED
            )
            builder.store(builder.fadd(builder.load(total), product, _FUSED), total)

        _blocks_and_rest(
            builder,
            args[4],
            vector.count,
            lambda offset: add(vector, sums, offset),
            lambda offset: add(number, rest, offset),
        )
        return builder.fadd(
            builder.load(rest), _sum_of_lanes(builder, builder.load(sums))
        )

    return signature, codegen


def _fire(h, letters, i, weights, n_letters, scale, intercepts, beta, n):
    chosen = weights[np.arange(int(n)) * int(n_letters) + letters[i : i + n]]
    sums = scale * chosen + intercepts[:n]
    h[:n] = np.where(sums < 0, 0, sums)
    return np.sum(h[:n] * beta[:n])


@llvm_of(_fire)
def fire(typingctx, h, letters, i, weights, n_letters, scale, intercepts, beta, n):
    """Write what the units of one position each do; return their sum weighted by beta.

    ``h[p] = max(0, scale * weights[p * n_letters + letters[i + p]] + intercepts[p])``.
    Weights go from where they are into the lanes of a vector: numbers that were stored
    one by one cannot be loaded as a vector before all of them have left the processor.
    """
    signature = h.dtype(h, letters, i, weights, n_letters, scale, intercepts, beta, n)

    def codegen(context, builder, signature, args):
        kinds = signature.args
        number = context.get_data_type(kinds[0].dtype)
        n_bytes = kinds[0].dtype.bitwidth // 8
        vector = ir.VectorType(number, _VECTOR_BYTES // n_bytes)
        units, letter_codes, table, b, readout = (
            context.make_array(kinds[j])(context, builder, args[j]).data
            for j in (0, 1, 3, 6, 7)
        )
        sums = cgutils.alloca_once_value(builder, ir.Constant(vector, None))
        rest = cgutils.alloca_once_value(builder, ir.Constant(number, 0.0))

        def weight_of(offset, lane):
            p = builder.add(offset, ir.Constant(offset.type, lane))
            code = builder.gep(letter_codes, [builder.add(args[2], p)])
            letter = builder.zext(builder.load(code), offset.type)
            row = builder.mul(p, args[4])
            return builder.load(builder.gep(table, [builder.add(row, letter)]))

        def add(element, total, offset):
            def at(array):
                return builder.bitcast(
                    builder.gep(array, [offset]), element.as_pointer()
                )

            chosen = _gathered(builder, element, lambda lane: weight_of(offset, lane))
            scales = _gathered(builder, element, lambda lane: args[5])
            zero = _gathered(builder, element, lambda lane: ir.Constant(number, 0.0))
            product = builder.fmul(scales, chosen, _FUSED)
            fired = builder.fadd(product, builder.load(at(b), align=n_bytes), _FUSED)
            # what is not a number stays so
            is_silent = builder.fcmp_ordered("<", fired, zero)
            fired = builder.select(is_silent, zero, fired)
            builder.store(fired, at(units), align=n_bytes)
            share = builder.fmul(
                fired, builder.load(at(readout), align=n_bytes), _FUSED
            )
            builder.store(builder.fadd(builder.load(total), share, _FUSED), total)

        _blocks_and_rest(
            builder,
            args[8],
            vector.count,
            lambda offset: add(vector, sums, offset),
            lambda offset: add(number, rest, offset),
        )
        return builder.fadd(
            builder.load(rest), _sum_of_lanes(builder, builder.load(sums))
        )

    return signature, codegen
