"""OSC over real sockets: a peer's client is heard and answered, floods and faults do no harm."""

import resource
import socket
import threading
import time
from collections.abc import Callable

import pytest
from desks import FakeInstrument, a_desk
from pythonosc.udp_client import SimpleUDPClient

from ddsp_core.errors import DeviceError
from realtime.allowance import BURST_S, Allowance
from realtime.live_view_state import ViewState
from realtime.osc import MOST_AT_ONCE, MOST_PER_S, MOST_WORK, OscServer
from realtime.osc_packet import messages_of, packet_of

PATIENCE_S = 10.0


def wait_until(is_done: Callable[[], bool]) -> None:
    until_s = time.monotonic() + PATIENCE_S
    while not is_done():
        assert time.monotonic() < until_s
        time.sleep(0.005)


def server_of(host: str = "127.0.0.1") -> tuple[OscServer, FakeInstrument, list[str]]:
    desk, instrument, _ = a_desk()
    said: list[str] = []
    desk.listen(lambda change: said.append(str(change.value)) if change.what == "message" else None)
    return OscServer(desk, ViewState, 0, host), instrument, said


def an_ear() -> socket.socket:
    ear = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    ear.bind(("127.0.0.1", 0))
    ear.settimeout(PATIENCE_S)
    return ear


def test_a_client_turns_a_knob_and_hears_of_it() -> None:
    server, instrument, _ = server_of()
    with server, an_ear() as ear, SimpleUDPClient("127.0.0.1", server.port) as client:
        client.send_message("/chanterelle/subscribe", ear.getsockname()[1])
        told = {message.address for message in messages_of(ear.recv(9000))}
        assert "/chanterelle/room_mix" in told
        client.send_message("/chanterelle/room_mix", 0.25)
        wait_until(lambda: instrument.control_values["room_mix"] == 0.25)
        heard: list[tuple[str, object]] = []
        while ("/chanterelle/room_mix", 0.25) not in heard:
            for message in messages_of(ear.recv(9000)):
                heard.append((message.address, *message.values[:1]))  # type: ignore[arg-type]
        assert "/chanterelle/meters/input_db" in dict(heard)


def test_a_question_is_answered_where_it_came_from() -> None:
    server, _, _ = server_of()
    with server, an_ear() as ear:
        ear.sendto(packet_of("/chanterelle/echo/mix"), ("127.0.0.1", server.port))
        (message,) = messages_of(ear.recv(9000))
        assert message.values == (pytest.approx(0.2),)


def test_changes_arrive_at_once_and_not_at_the_next_meters() -> None:
    desk, _, _ = a_desk()
    with OscServer(desk, ViewState, 0) as server, an_ear() as ear:
        ear.sendto(packet_of("/chanterelle/subscribe"), ("127.0.0.1", server.port))
        ear.recv(9000)
        waits_s = []
        for step in range(20):
            started_s = time.monotonic()
            desk.set("room_mix", step / 32, "midi")
            while not any(m.values == (step / 32,) for m in messages_of(ear.recv(9000))):
                pass
            waits_s.append(time.monotonic() - started_s)
        assert sorted(waits_s)[10] < 0.02


def test_a_port_in_use_is_said_to_people() -> None:
    with an_ear() as ear, pytest.raises(DeviceError, match=r"OSC 127.0.0.1:\d+: .*another port"):
        OscServer(a_desk()[0], ViewState, ear.getsockname()[1])


@pytest.mark.parametrize(
    ("host", "port"), [("no such host.invalid", 9000), ("192.0.2.1", 9000), ("", 9e9), ("\x00", 1)]
)
def test_an_address_that_is_not_ours_is_said_to_people(host: str, port: int) -> None:
    with pytest.raises(DeviceError, match="OSC"):
        OscServer(a_desk()[0], ViewState, int(port), host)


def test_what_is_opened_to_others_is_said() -> None:
    for host, is_open in (("127.0.0.1", False), ("localhost", False), ("0.0.0.0", True)):
        server, _, _ = server_of(host)
        with server:
            assert bool(server.warning) == is_open
            assert not is_open or f"port {server.port}" in server.warning


def test_our_own_feedback_never_becomes_commands() -> None:
    server, instrument, said = server_of()
    with server, an_ear() as ear:
        ear.sendto(packet_of("/chanterelle/subscribe", (server.port,)), ("127.0.0.1", server.port))
        wait_until(lambda: bool(said))
        assert "a port of your own" in said[0]
    assert not instrument.asked


def test_leaving_is_quick_and_frees_the_port() -> None:
    server, _, _ = server_of()
    with server, an_ear() as ear:
        ear.sendto(packet_of("/chanterelle/subscribe"), ("127.0.0.1", server.port))
        ear.recv(9000)
        n_threads = threading.active_count()
        started_s = time.monotonic()
    assert time.monotonic() - started_s < 0.5
    assert threading.active_count() == n_threads - 1
    with OscServer(a_desk()[0], ViewState, server.port):
        pass


def test_nobody_there_costs_nothing() -> None:
    server, _, _ = server_of()
    with server:
        before = resource.getrusage(resource.RUSAGE_SELF)
        time.sleep(0.5)
        after = resource.getrusage(resource.RUSAGE_SELF)
    assert after.ru_nvcsw - before.ru_nvcsw <= 5  # it slept, and so did we


def test_messages_and_work_are_rationed_and_bursts_are_not() -> None:
    allowance, now_s = Allowance(MOST_PER_S, MOST_WORK), 100.0
    assert allowance.spend(100, 0.001, now_s) == 0.0  # a scene
    slept_s = 0.0
    for _ in range(1000):
        pause_s = allowance.spend(10, 0.0001, now_s)
        now_s, slept_s = now_s + pause_s, slept_s + pause_s
    assert slept_s == pytest.approx(10_000 / MOST_PER_S, rel=0.02)
    worked_s, started_s = 0.0, now_s
    for _ in range(1000):
        worked_s += 0.003
        now_s += 0.003 + allowance.spend(1, 0.003, now_s)
    assert worked_s / (now_s - started_s) == pytest.approx(MOST_WORK, rel=0.15)


def test_a_flood_is_bounded_counted_and_told_once() -> None:
    server, instrument, said = server_of()
    packets = [packet_of("/chanterelle/room_mix", (k / 64,)) for k in range(64)] + [b"rubbish"]
    with server, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as flood:
        started_s = time.monotonic()
        n_sent = 0
        while time.monotonic() - started_s < 1.0:
            for packet in packets:
                flood.sendto(packet, ("127.0.0.1", server.port))
            n_sent += len(packets)
        took_s = time.monotonic() - started_s
        most = MOST_PER_S * (took_s + BURST_S) + 2 * MOST_AT_ONCE
        assert n_sent > 2 * most
        assert server.n_messages <= most
        time.sleep(0.2)  # and it still hears who comes after
        wait_until(lambda: server.troubles.get("lost", 0) > 0)
        flood.sendto(packet_of("/chanterelle/panic"), ("127.0.0.1", server.port))
        wait_until(lambda: ("panic", None) in instrument.asked)
    assert server.troubles["flood"] > 0
    assert len([text for text in said if "too many" in text]) == 1
