"""Loops over short rows of numbers, written in LLVM.

A compiled loop of unknown length first tests whether the arrays overlap and then handles
fewer than 32 numbers one by one, which is most of the time of a network whose windows
have a few units each. These two load, multiply and add whole vectors from the start.
"""

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

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


@intrinsic
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
        factors = ir.Constant(vector, ir.Undefined)
        for lane in range(vector.count):
            factors = builder.insert_element(factors, args[2], _lane(lane))

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


@intrinsic
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
        total, lanes = builder.load(rest), builder.load(sums)
        for lane in range(vector.count):
            total = builder.fadd(total, builder.extract_element(lanes, _lane(lane)))
        return total

    return signature, codegen
