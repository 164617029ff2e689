"""A process below the console that works at the lowest priority: both ends of it.

It is given one JSON object on its standard input and answers with lines of JSON: `progress` from 0
to 1, and at the end `result`, or `error` for people. It ends with the console, whatever happens.
"""

import asyncio
import contextlib
import json
import os
import sys
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ddsp_core.errors import ChanterelleError

NICEST = 19
ROOT = Path(__file__).resolve().parent.parent.parent
ONE_THREAD = ("NUMBA_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
MOST_LINE = 1 << 22
"""Bytes of one answer."""

Tell = Callable[[float], None]


class Child:
    """The console's end.

    Args:
        module: of the console's, with `if __name__ == "__main__": answer(...)`.
        request: what it is to do.
    """

    def __init__(self, module: str, request: Mapping[str, Any]) -> None:
        self._module, self._request = module, request
        self._process: asyncio.subprocess.Process | None = None
        self._is_cancelled = False

    async def run(self, tell: Tell | None = None) -> Mapping[str, Any] | None:
        """Its result; None if it was cancelled.

        Raises:
            ChanterelleError: what it complains of, or that it has died.
        """
        environment = {**os.environ, **dict.fromkeys(ONE_THREAD, "1")}
        path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", f"realtime.console.{self._module}"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env={**environment, "PYTHONPATH": path},
            limit=MOST_LINE,
        )
        try:
            return await self._listen(self._process, tell or _nothing)
        finally:
            await self._end(self._process)

    def cancel(self) -> None:
        """Ends it."""
        self._is_cancelled = True
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                self._process.terminate()

    async def _listen(
        self, process: asyncio.subprocess.Process, tell: Tell
    ) -> Mapping[str, Any] | None:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps(self._request).encode() + b"\n")
        async for line in process.stdout:
            said = _read(line)
            if "error" in said:
                raise ChanterelleError(str(said["error"]), "", "")
            if isinstance(said.get("result"), dict):
                return dict(said["result"])
            if isinstance(said.get("progress"), float):
                tell(min(max(said["progress"], 0.0), 1.0))
        if self._is_cancelled:
            return None
        code = await process.wait()
        given = f"ended early (exit code {code})"
        raise ChanterelleError("the process that does it", given, "", "try it once more")

    async def _end(self, process: asyncio.subprocess.Process) -> None:
        if process.stdin is not None:
            process.stdin.close()
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()


def answer(do: Callable[[Mapping[str, Any], Tell], Mapping[str, Any]]) -> int:
    """The other end: does what it is asked for, once; returns the exit code."""
    os.nice(NICEST)
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # whoever prints meanwhile does not garble the answer
    request = json.loads(sys.stdin.buffer.readline())
    threading.Thread(target=_end_with_the_console, daemon=True).start()

    def say(what: Mapping[str, Any]) -> None:
        print(json.dumps(what), file=out, flush=True)

    try:
        say({"result": do(request, lambda done: say({"progress": float(done)}))})
    except (ChanterelleError, OSError, RuntimeError) as error:
        say({"error": str(error)})
        return 2
    return 0


def _end_with_the_console() -> None:
    while os.read(0, 4096):
        pass
    os._exit(1)


def _read(line: bytes) -> dict[str, Any]:
    try:
        said = json.loads(line)
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


def _nothing(_done: float) -> None:
    pass
