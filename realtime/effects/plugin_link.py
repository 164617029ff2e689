"""The engine's end of a plug-in's process: starting it, sending frames, looking for answers."""

import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from realtime.controls import Control
from realtime.effects.plugin_frames import Floats, PluginFrames, Question, new_file
from realtime.effects.plugin_pipes import can_read, receive, send, wake

LOAD_LIMIT_S = 90.0
"""ZamVerb takes 47 s."""
END_LIMIT_S = 1.0
LOOK_EVERY_S = 5e-5

ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")


class PluginWish(NamedTuple):
    """Which plug-in, and how it is to be run."""

    file: str
    plugin_name: str
    sample_rate: int
    n_inputs: int
    is_live: bool


class PluginFacts(NamedTuple):
    """What a plug-in that has been loaded says of itself."""

    name: str
    n_outputs: int
    controls: tuple[Control, ...]


class PluginError(Exception):
    """A plug-in that is not there, cannot be loaded or does not answer; says why."""


class PluginLink:
    """A process with a plug-in loaded; `begin` makes it ready to play.

    Raises:
        PluginError: it could not be loaded.
    """

    def __init__(self, wish: PluginWish, load_limit_s: float = LOAD_LIMIT_S) -> None:
        if not Path(wish.file).exists():
            raise PluginError(f"{wish.file} is not there")
        self.is_hung = False
        self._wish = wish
        try:
            self._memory = new_file(wish.n_inputs, 2)
            self._calls, self._news, self._process = _start(self._memory.fileno(), wish)
        except OSError as error:
            raise PluginError(f"found no room for a process ({error.strerror})") from None
        try:
            letter = self._receive("loaded", load_limit_s)
        except PluginError:
            self.close()
            raise
        controls = tuple(_control(values) for values in letter["controls"])
        self.facts = PluginFacts(letter["name"], int(letter["n_outputs"]), controls)
        self._frames = PluginFrames(self._memory.fileno(), wish.n_inputs, self.facts.n_outputs)

    def begin(self, values: Mapping[int, float]) -> int:
        """Sets parameters, by their place in `facts.controls`; returns the plug-in's latency.

        Raises:
            PluginError: it did not answer.
        """
        with contextlib.suppress(OSError):  # then it does not answer
            send(self._calls, list(values.items()))
        latency_samples = int(self._receive("ready", END_LIMIT_S * 10)["latency_samples"])
        os.set_blocking(self._calls, False)
        return latency_samples

    def ask(self, number: int, question: Question) -> None:
        """Lays a frame ready (audio thread; never waits); numbers follow one another."""
        self._frames.ask(number, question)

    def wake(self, number: int) -> None:
        """Says that all frames up to this one lie ready (audio thread; never waits)."""
        wake(self._calls, number)

    def answer(self, number: int) -> Floats | None:
        """The answer to that frame, if it is there (audio thread; never waits)."""
        return self._frames.answer(number)

    def wait_for(self, number: int, limit_s: float = 10.0) -> Floats | None:
        """The answer to that frame, once woken; None if the process ended or does not answer."""
        end_s = time.monotonic() + limit_s
        while (found := self.answer(number)) is None:
            if time.monotonic() > end_s or self.has_ended(0.0):
                return self.answer(number)
            time.sleep(LOOK_EVERY_S)
        return found

    def has_ended(self, within_s: float) -> bool:
        """Whether the process ends within this time (it has nothing more to say than that)."""
        return can_read(self._news, within_s)

    @property
    def process_id(self) -> int:
        """Of the process."""
        return self._process.pid

    def end(self) -> None:
        """Ends the process at once. What the audio thread may still use stays open."""
        self._process.kill()
        self._process.wait()

    def close(self) -> None:
        """Ends the process and frees all; nobody may ask any more."""
        if self._memory.closed:
            return
        self._memory.close()
        os.close(self._calls)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(END_LIMIT_S)
        self.end()
        os.close(self._news)

    def _receive(self, what: str, limit_s: float) -> dict[str, Any]:
        start_s = time.monotonic()
        letter = receive(self._news, limit_s)
        if letter is None and time.monotonic() - start_s >= limit_s:
            raise PluginError(f"was not {what} within {limit_s:g} s")
        if letter is None:
            raise PluginError(f"crashed before it was {what}")
        if "problem" in letter:
            raise PluginError(letter["problem"])
        return dict(letter)


def _start(memory: int, wish: PluginWish) -> tuple[int, int, "subprocess.Popen[bytes]"]:
    """The pipe of calls to write, the pipe of news to read, and the process."""
    calls_to_read, calls = os.pipe()
    news, news_to_write = os.pipe()
    theirs = (memory, calls_to_read, news_to_write)
    words = [sys.executable, "-m", "realtime.effects.plugin_worker"]
    try:
        process = subprocess.Popen(
            [*words, *map(str, theirs), json.dumps(wish._asdict())],
            pass_fds=theirs,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,  # some plug-ins write thousands of lines
            stderr=subprocess.DEVNULL,
            cwd=Path(__file__).resolve().parent.parent.parent,
            env={**os.environ, **ONE_THREAD},
        )
    finally:
        os.close(calls_to_read)
        os.close(news_to_write)
    return calls, news, process


def _control(values: dict[str, Any]) -> Control:
    return Control(**{**values, "choices": tuple(values["choices"])})
