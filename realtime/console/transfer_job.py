"""The server's end of the studio's rendering process: one job at a time, and the newest wins."""

import asyncio
import contextlib
import itertools
import json
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from ddsp_core.errors import AudioError, ChanterelleError

PROGRAM = (sys.executable, "-m", "realtime.console.transfer_job_process")
SILENT_S = 180.0
"""Without a sign of life it hangs; the first start of a new version compiles for a minute."""
LET_GO_S = 2.0
"""How long a job that is not wanted any more may take to stop."""

ORIGINAL, PICTURES = "original.wav", "pictures.json"
RESULT, FLAC = "result.wav", "result.flac"
"""Files that a job leaves in its folder."""

Progress = Callable[[str, float], None]
"""Takes what is being done and how much of it is done, 0 to 1."""


class Unwanted(Exception):  # noqa: N818 (nothing is wrong)
    """Somebody has stopped the job, or begun another one."""


class TransferJobs:
    """Has jobs done by a process that it starts when it is needed.

    Args:
        program: words that start the process.
        silent_s: seconds after which a process that says nothing is ended.
    """

    def __init__(self, program: Sequence[str] = PROGRAM, silent_s: float = SILENT_S) -> None:
        self._program, self._silent_s = program, silent_s
        self._process: asyncio.subprocess.Process | None = None
        self._numbers = itertools.count(1)
        self._wanted = 0
        self._turn = asyncio.Lock()

    @property
    def is_busy(self) -> bool:
        """Whether a job is being done."""
        return self._turn.locked()

    async def look(self, source: Path, folder: Path, progress: Progress) -> dict[str, Any]:
        """See `transfer_job_work.look`."""
        request = {"do": "look", "source": str(source), "folder": str(folder)}
        return await self._do(request, progress)

    async def transfer(
        self, words: Sequence[str], folder: Path, progress: Progress
    ) -> dict[str, Any]:
        """See `transfer_job_work.transfer`."""
        request = {"do": "transfer", "words": list(words), "folder": str(folder)}
        return await self._do(request, progress)

    async def stop(self) -> None:
        """The job that is being done is not wanted any more; returns when it has ended."""
        self._wanted = next(self._numbers)
        self._send({"stop": self._wanted})
        if self.is_busy:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LET_GO_S), self._turn:
                    return
            self._kill()

    async def close(self) -> None:
        """Ends the process."""
        self._kill()
        if self._process is not None:
            await self._process.wait()

    async def _do(self, request: dict[str, Any], progress: Progress) -> dict[str, Any]:
        await self.stop()
        number = self._wanted = next(self._numbers)
        async with self._turn:
            if number != self._wanted:
                raise Unwanted
            try:
                return await self._ask_twice({**request, "number": number}, progress)
            except TimeoutError:
                self._kill()
                await self._end()
                given = f"no sign of life for {self._silent_s:.0f} s"
                raise AudioError("the renderer", given, "", "try again") from None
            except (EOFError, ConnectionError):
                code = await self._end()
                if number != self._wanted:
                    raise Unwanted from None
                raise _ended(code) from None
            except OSError as error:
                given = f"cannot be started ({error.strerror})"
                raise AudioError("the renderer", given, "", "close other programs") from None

    async def _ask_twice(self, request: dict[str, Any], progress: Progress) -> dict[str, Any]:
        """A process that had nothing to do may have left in this very moment."""
        try:
            return await self._ask(request, progress)
        except (EOFError, ConnectionError):
            if request["number"] != self._wanted or await self._end() != 0:
                raise
            return await self._ask(request, progress)

    async def _ask(self, request: dict[str, Any], progress: Progress) -> dict[str, Any]:
        process = await self._running()
        self._send(request)
        assert process.stdout is not None
        while True:
            async with asyncio.timeout(self._silent_s):
                line = await process.stdout.readline()
            if not line:
                raise EOFError
            answer = json.loads(line)
            if answer["number"] != request["number"]:
                continue
            if "done" in answer:
                return dict(answer["done"])
            if "error" in answer:
                if not answer["error"]:
                    raise Unwanted
                raise ChanterelleError(str(answer["error"]), "", "", "")
            progress(str(answer["doing"]), float(answer["share"]))

    async def _running(self) -> asyncio.subprocess.Process:
        """The process, started if there is none, or if it has left as nobody wanted anything."""
        if self._process is None or self._process.returncode is not None:
            root = str(Path(__file__).resolve().parents[2])
            paths = os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH"))))
            self._process = await asyncio.create_subprocess_exec(
                *self._program,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                env={**os.environ, "PYTHONPATH": paths},
                start_new_session=True,  # Ctrl-C is for the server, which ends it
            )
        return self._process

    def _send(self, words: dict[str, Any]) -> None:
        if self._process is not None and self._process.returncode is None:
            assert self._process.stdin is not None
            with contextlib.suppress(OSError, RuntimeError):
                self._process.stdin.write(json.dumps(words).encode() + b"\n")

    def _kill(self) -> None:
        if self._process is not None and self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()

    async def _end(self) -> int:
        """Of a process that has said its last; its exit code."""
        if self._process is None:
            return 0
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LET_GO_S):
                return await self._process.wait()
        self._kill()
        return await self._process.wait()


def _ended(code: int) -> AudioError:
    given = f"ended with {code}" if code >= 0 else f"was ended by signal {-code}"
    return AudioError("the renderer", given, "", "try again, with a shorter file if it ends again")
