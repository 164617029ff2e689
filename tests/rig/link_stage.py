"""A desk with a link, and a console of the simplest kind at its other end."""

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from desks import a_desk

from ddsp_core.errors import StreamError
from realtime.link_frames import (
    LIVE,
    SET,
    STATE,
    Frame,
    FrameReader,
    pack_values,
)
from realtime.link_news import Sources
from realtime.link_server import LinkServer

LIMIT_S = 5.0


class Guest:
    """A console of the simplest kind."""

    def __init__(self, path: Path) -> None:
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(str(path))  # without a limit: with one, a full door is an error
        self.socket.settimeout(LIMIT_S)
        self._reader = FrameReader()
        self.frames: list[Frame] = []

    def say(self, kind: bytes, values: Any) -> None:
        self.socket.sendall(pack_values(kind, values))

    def next(self, kind: bytes, is_it: Callable[[Any], bool] = lambda values: True) -> Any:
        """Values of the next message of this kind that is meant."""
        while True:
            while self.frames:
                frame = self.frames.pop(0)
                if frame.kind == kind and is_it(frame.values if kind != LIVE else None):
                    return frame.values if kind != LIVE else frame.payload
            piece = self.socket.recv(1 << 16)
            if not piece:
                raise EOFError
            self._reader.take(piece)
            self.frames += self._reader.frames()


class Stage:
    """A desk with a link."""

    def __init__(self, folder: Path) -> None:
        self.desk, self.instrument, self.changes = a_desk()
        self.state: dict[str, Any] = {"preset": "violin", "load_mean": 0.0}
        self.breaks = False
        sources = Sources(lambda: b"{}", self._state, lambda: self.controls, lambda: b"live")
        self.path = folder / "engine"
        self.server = LinkServer(self.path, self.desk, sources)
        self.server.answer("double", lambda asked: {"result": 2 * asked["of"]})
        self.server.answer("refuse", self._refuse)

    @property
    def controls(self) -> Mapping[str, float]:
        return self.instrument.control_values

    def _state(self) -> Mapping[str, Any]:
        if self.breaks:
            raise RuntimeError("somebody's mistake")
        return self.state

    def _refuse(self, _asked: Mapping[str, Any]) -> Mapping[str, Any]:
        raise StreamError("refuse", "asked", "not asked", "")

    @property
    def messages(self) -> list[str]:
        return [str(change.value) for change in self.changes if change.what == "message"]

    def wait(self, is_so: Callable[[], bool]) -> None:
        end_s = time.monotonic() + LIMIT_S
        while not is_so():
            assert time.monotonic() < end_s
            time.sleep(0.002)


@contextlib.contextmanager
def link_stage(folder: Path) -> Iterator[Stage]:
    """Its link listens; it leaves nothing behind."""
    made = Stage(folder)
    with made.server:
        yield made
    assert not [thread for thread in threading.enumerate() if thread.name == "console link"]
    assert not made.path.exists()


@contextlib.contextmanager
def link_guest(stage: Stage) -> Iterator[Guest]:
    """Who has been told all."""
    made = Guest(stage.path)
    with made.socket:
        made.next(STATE)
        yield made


def goes_on(stage: Stage, guest: Guest) -> None:
    guest.say(SET, {"name": "room_mix", "value": 0.625})
    stage.wait(lambda: stage.controls["room_mix"] == 0.625)
