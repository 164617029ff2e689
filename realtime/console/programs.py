"""Our own commands, run below the console, each in a process of its own.

Looking for sound cards or examining the machine may take seconds and may hang; none of it is done
where pages are served or music is played. Children are as late in line for the processor as the
console itself.
"""

import asyncio
import contextlib
import json
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ddsp_core.errors import ChanterelleError, StreamError

ROOT = Path(__file__).resolve().parent.parent.parent
LIMIT_S = 60.0
"""For a command that was not given another one."""


async def run_command(
    words: Sequence[str], limit_s: float = LIMIT_S, module: str = "realtime.cli"
) -> Mapping[str, Any]:
    """What `chanterelle WORDS --json` prints, or another module that behaves like it.

    It ends with whoever waits for it.

    Raises:
        ChanterelleError: it says so, or does not end in time.
    """
    command = [sys.executable, "-m", module, *words, "--json"]
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    try:
        out, err = await asyncio.wait_for(process.communicate(), limit_s)
    except TimeoutError:
        given = f"no answer within {limit_s:g} s"
        raise StreamError(f"chanterelle {words[0]}", given, "", "try it in a terminal") from None
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
    return _read(words[0], out, err)


def _read(command: str, out: bytes, err: bytes) -> Mapping[str, Any]:
    lines = err.decode(errors="replace").splitlines()
    said = next((line for line in reversed(lines) if line.startswith("error: ")), "")
    if said:
        raise ChanterelleError(said.removeprefix("error: "), "", "", "")
    try:
        answer = json.loads(out)
    except ValueError:
        todo = f"see what chanterelle {command} says in a terminal"
        raise StreamError(f"chanterelle {command}", "no answer", "", todo) from None
    return answer if isinstance(answer, dict) else {}
