"""Kernels called without a search: at each call numba looks for the version that fits the types.

For a few tuples of arrays that search takes longer than handing them over (9 of 11 us, and with
cold caches three times as much). Whoever calls a kernel with arguments of the same types again and
again needs it once.
"""

from collections.abc import Callable
from typing import Any

from numba import typeof


class Bound:
    """A kernel for arguments of the types of the first call's.

    Later calls are not checked: other types are misread, so only code that makes all its arguments
    itself may call it.
    """

    def __init__(self, kernel: Any) -> None:
        self._kernel = kernel
        self._machine_code: Callable[..., Any] | None = None

    def __call__(self, *arguments: Any) -> Any:
        """What the kernel returns."""
        if self._machine_code is None:
            types = tuple(typeof(argument) for argument in arguments)  # type: ignore[no-untyped-call]
            self._machine_code = self._kernel.compile(types)
        return self._machine_code(*arguments)
