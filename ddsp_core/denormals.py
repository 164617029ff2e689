"""Numbers too small to be normal, taken as zero while a kernel runs.

What dies away passes through them on its way to zero, and processors compute with them up to a
hundred times slower: a silent hall would cost more than a loud one. Two bits of a control register
of the thread switch that off; nothing else sees it, as the register is put back afterwards. On
processors other than x86-64 and aarch64 nothing happens.

Sources: Intel 64 Manual, volume 1, 11.6.3; Arm Architecture Reference Manual, FPCR.FZ.
"""

import platform
from typing import Any

from llvmlite import ir  # type: ignore[import-untyped]
from numba import types
from numba.extending import intrinsic

FLUSH_AND_TAKE_AS_ZERO_X86 = (1 << 15) | (1 << 6)
FLUSH_ARM = 1 << 24


def _exchange_x86(builder: Any, bits: Any, is_restoring: bool) -> Any:
    """Reads MXCSR and writes it, both through memory."""
    pointer = ir.IntType(8).as_pointer()
    kind = ir.FunctionType(ir.VoidType(), [pointer])
    module = builder.module
    before, after = builder.alloca(ir.IntType(32)), builder.alloca(ir.IntType(32))
    read = module.declare_intrinsic("llvm.x86.sse.stmxcsr", (), kind)
    write = module.declare_intrinsic("llvm.x86.sse.ldmxcsr", (), kind)
    builder.call(read, [builder.bitcast(before, pointer)])
    old = builder.zext(builder.load(before), ir.IntType(64))
    new = bits if is_restoring else builder.or_(old, bits)
    builder.store(builder.trunc(new, ir.IntType(32)), after)
    builder.call(write, [builder.bitcast(after, pointer)])
    return old


def _exchange_arm(builder: Any, bits: Any, is_restoring: bool) -> Any:
    """Reads and writes FPCR."""
    word, module = ir.IntType(64), builder.module
    get = module.declare_intrinsic("llvm.aarch64.get.fpcr", (), ir.FunctionType(word, []))
    put = module.declare_intrinsic(
        "llvm.aarch64.set.fpcr", (), ir.FunctionType(ir.VoidType(), [word])
    )
    old = builder.call(get, [])
    builder.call(put, [bits if is_restoring else builder.or_(old, bits)])
    return old


EXCHANGES = {
    "x86_64": (_exchange_x86, FLUSH_AND_TAKE_AS_ZERO_X86),
    "amd64": (_exchange_x86, FLUSH_AND_TAKE_AS_ZERO_X86),
    "aarch64": (_exchange_arm, FLUSH_ARM),
    "arm64": (_exchange_arm, FLUSH_ARM),
}
EXCHANGE, FLUSH = EXCHANGES.get(platform.machine().lower(), (None, 0))


def _flush(typing_context: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        flush = ir.Constant(ir.IntType(64), FLUSH)
        return EXCHANGE(builder, flush, is_restoring=False) if EXCHANGE else flush

    return types.int64(), generate


def _restore(typing_context: Any, before: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        if EXCHANGE:
            EXCHANGE(builder, arguments[0], is_restoring=True)
        return context.get_dummy_value()

    return types.void(types.int64), generate


flush_denormals: Any = intrinsic(_flush)
"""Called in a kernel, without arguments: from now on denormals are zeros. Returns the old state."""

restore_denormals: Any = intrinsic(_restore)
"""Called in a kernel with what `flush_denormals` returned: all is as it was."""
