"""The engine's end of the link: all that cannot harm it."""

import contextlib
import socket
import struct
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rig.link_stage import Guest, Stage, goes_on, link_guest, link_stage

from realtime import link_server
from realtime.link_frames import (
    ANSWER,
    BUSY,
    CHANGES,
    DO,
    LIVE,
    LONGEST_WISH,
    REQUEST,
    SET,
    STATE,
    FrameReader,
    pack,
    pack_values,
)
from realtime.link_guest import STUCK_S

WRONG = [
    (SET, {"name": "room_mix", "value": None}),
    (SET, {"name": "room_mix", "value": [1]}),
    (SET, {"name": "room_mix", "value": 7}),
    (SET, {"name": "room_mix"}),
    (SET, {"name": ["room_mix"], "value": 1}),
    (SET, {"name": "no_such_control", "value": 1}),
    (SET, [1, 2]),
    (SET, None),
    (DO, {"name": "preset", "value": {"a": 1}}),
    (DO, {"name": "no_such_command", "value": 1}),
    (DO, {"name": "tempo", "value": "fast"}),
    (REQUEST, {"what": "double"}),
    (REQUEST, {"number": "x", "what": "double"}),
    (b"?", {}),
]


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    with link_stage(tmp_path) as made:
        yield made


@pytest.fixture
def guest(stage: Stage) -> Iterator[Guest]:
    with link_guest(stage) as made:
        yield made


@pytest.mark.parametrize(("kind", "values"), WRONG)
def test_what_is_wrong_is_told_and_the_link_goes_on(
    stage: Stage, guest: Guest, kind: bytes, values: Any
) -> None:
    guest.say(kind, values)
    stage.wait(lambda: len(stage.messages) == 1)
    goes_on(stage, guest)


@pytest.mark.parametrize("payload", [b"", b"{", b"[" * 9000, b'{"name":"room_mix","value":NaN}'])
def test_json_that_is_none(stage: Stage, guest: Guest, payload: bytes) -> None:
    before = stage.controls["room_mix"]
    guest.socket.sendall(pack(SET, payload))
    stage.wait(lambda: len(stage.messages) == 1)
    assert stage.controls["room_mix"] == before
    goes_on(stage, guest)


@pytest.mark.parametrize("length", [0, LONGEST_WISH + 1, 2**32 - 1])
def test_who_says_what_cannot_be_is_let_go(stage: Stage, guest: Guest, length: int) -> None:
    guest.socket.sendall(struct.pack("<I", length))
    with pytest.raises((EOFError, ConnectionError)):
        guest.next(ANSWER)
    with Guest(stage.path).socket:
        stage.wait(lambda: stage.server.has_guest)


@given(st.lists(st.binary(max_size=200), max_size=4))
@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_any_bytes(stage: Stage, pieces: list[bytes]) -> None:
    stage.wait(lambda: not stage.server.has_guest)
    with Guest(stage.path).socket as connection:
        for piece in pieces:
            try:
                connection.sendall(piece)
            except OSError:
                break
    assert stage.server._thread.is_alive()


def test_what_is_turned_comes_before_the_command_that_follows(stage: Stage, guest: Guest) -> None:
    frames = [(SET, "room_mix", 0.25), (SET, "room_mix", 0.75), (DO, "panic", None)]
    said = [pack_values(kind, {"name": name, "value": value}) for kind, name, value in frames]
    guest.socket.sendall(b"".join([*said, said[0]]))
    stage.wait(lambda: len(stage.instrument.asked) == 3)
    assert stage.instrument.asked == [("room_mix", 0.75), ("panic", None), ("room_mix", 0.25)]


def test_a_message_in_pieces(stage: Stage, guest: Guest) -> None:
    for byte in pack_values(SET, {"name": "room_mix", "value": 0.375}):
        guest.socket.sendall(bytes([byte]))
    stage.wait(lambda: stage.controls["room_mix"] == 0.375)


def test_troubles_are_told_once(stage: Stage, guest: Guest) -> None:
    guest.socket.sendall(400 * pack_values(SET, {"name": "nothing", "value": 1}))
    for number in range(50):
        guest.say(SET, {"name": f"nothing{number}", "value": 1})
    goes_on(stage, guest)
    assert 1 <= len(stage.messages) <= 3


def test_a_flood_is_bounded_and_the_rest_goes_on(stage: Stage, guest: Guest) -> None:
    """Of the core that the music needs, what it may take; and what moves fast is told."""
    frame = pack_values(SET, {"name": "room_mix", "value": 0.5})
    clock = time.pthread_getcpuclockid(stage.server._thread.ident or 0)
    is_over = threading.Event()

    def flood() -> None:
        with guest.socket.dup() as side, contextlib.suppress(OSError):
            while not is_over.is_set():
                side.send(100 * frame)

    flooder = threading.Thread(target=flood)
    began_s, began_cpu_s = time.monotonic(), time.clock_gettime(clock)
    flooder.start()
    reader = FrameReader()
    n_live = 0
    while time.monotonic() - began_s < 1.0:
        reader.take(guest.socket.recv(1 << 16))
        n_live += sum(frame.kind == LIVE for frame in reader.frames())
    share = (time.clock_gettime(clock) - began_cpu_s) / (time.monotonic() - began_s)
    is_over.set()
    guest.socket.shutdown(socket.SHUT_RDWR)
    flooder.join()
    assert share < 0.12
    assert n_live > 15
    n_done = sum(change.what == "control" for change in stage.changes)
    assert 5 < n_done < 300  # of thousands: each hundred has a last one


def test_who_never_reads_costs_little_and_hears_the_last(stage: Stage) -> None:
    """A console that was frozen: little is kept for it, and what was turned is not lost."""
    guest = Guest(stage.path)
    with guest.socket:
        stage.wait(lambda: stage.server.has_guest)
        server = stage.server
        for _ in range(2000):  # more than the system's buffer takes
            server._news._live_s = 0.0
            server._waker.wake()
            if server._guest and server._guest.is_behind:
                break
            time.sleep(0.001)
        assert server._guest
        assert server._guest.is_behind
        for number in range(100):
            stage.desk.set("room_mix", number / 100, "midi")
            stage.desk.set("gate_db", -50 - number / 10, "midi")
        assert len(server._news._pending) == 2
        assert len(server._guest._unsent) < 1 << 16
        told = guest.next(CHANGES, lambda changes: ["control", "room_mix", 0.99, "midi"] in changes)
        assert ["control", "gate_db", -59.9, "midi"] in told


def test_the_second_console_waits(stage: Stage, guest: Guest) -> None:
    second = Guest(stage.path)
    with second.socket:
        assert second.socket.recv(100) == pack(BUSY, b"")
        assert second.socket.recv(100) == b""
    goes_on(stage, guest)
    guest.socket.close()
    stage.wait(lambda: not stage.server.has_guest)
    with Guest(stage.path).socket:
        stage.wait(lambda: stage.server.has_guest)


def test_but_not_for_one_that_is_frozen(stage: Stage, guest: Guest) -> None:
    stage.wait(lambda: stage.server._guest is not None)
    first = stage.server._guest
    assert first
    first.send = lambda data: None  # type: ignore[method-assign]
    first._unsent = bytearray(b"what it does not read")  # a new one: the last may be in use
    first._sent_s -= 2 * STUCK_S
    with Guest(stage.path).socket:
        stage.wait(lambda: stage.server._guest not in (None, first))


def test_a_source_that_fails_is_told_and_the_rest_goes_on(stage: Stage, guest: Guest) -> None:
    stage.breaks = True
    stage.wait(lambda: any("somebody's mistake" in text for text in stage.messages))
    guest.next(LIVE)
    goes_on(stage, guest)
    stage.breaks = False
    stage.state = {**stage.state, "preset": "cello"}
    guest.next(STATE)
    assert len(stage.messages) == 1


def test_even_a_mistake_of_its_own_does_not_end_it(
    stage: Stage, guest: Guest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(link_server, "AFTER_TROUBLE_S", 0.01)
    monkeypatch.setattr(stage.server._news, "next", lambda now_s, is_behind: 1 / 0)
    stage.desk.say("wake up")
    with pytest.raises((EOFError, ConnectionError)):
        guest.next(ANSWER)
    monkeypatch.undo()
    with Guest(stage.path).socket:
        stage.wait(lambda: stage.server.has_guest)
