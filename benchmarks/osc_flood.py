"""A flood of OSC while the instrument plays: does a block take longer?

    python -m benchmarks.osc_flood [--seconds 10] [--quick]

Blocks of 128 samples at a card's pace go through the host while another process
sends as many packets as it can: faders, addresses that nobody has, rubbish. First they go to a port
where nobody reads, as the sender takes its share of the machine too; then to the server. One JSON
object: times of a block in ms, packets sent a second, messages carried out a second, and what the
server counts as troubles, packets lost among them.
"""

import argparse
import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from realtime.bench import Row, paced, sung_blocks
from realtime.desk import Desk
from realtime.host import Host
from realtime.live_view_state import ViewState
from realtime.osc import OscServer
from realtime.osc_packet import packet_of
from realtime.preset import load_preset
from realtime.scheduling import AUDIO_PRIORITY, raise_companions, raise_this_thread, rights
from realtime.session import undisturbed
from realtime.slot import load_slots

BLOCK_SIZE = 128


def send_all(port: int) -> None:
    """For ever; tells now and then how many."""
    packets = [packet_of("/chanterelle/room_mix", (k / 32,)) for k in range(32)]
    packets += [packet_of(f"/chanterelle/nobody_{k}", (1.0,)) for k in range(8)]
    packets += [
        b"rubbish",
        packet_of("/chanterelle/preset", (1.0,)),
        packet_of("/chanterelle/help"),
    ]
    out = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    n_sent, began_s = 0, time.perf_counter()
    while True:
        for packet in packets:
            out.sendto(packet, ("127.0.0.1", port))
        n_sent += len(packets)
        if n_sent % (1000 * len(packets)) == 0:
            print(n_sent / (time.perf_counter() - began_s), flush=True)


@contextmanager
def a_flood(port: int) -> Iterator[list[str]]:
    told: list[str] = []
    command = [sys.executable, "-m", "benchmarks.osc_flood", "--send", str(port)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as sender:
        assert sender.stdout is not None
        told.append(sender.stdout.readline())
        try:
            yield told
        finally:
            sender.kill()
            told += sender.stdout.readlines()


def an_ear() -> socket.socket:
    """A port where nobody reads."""
    ear = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    ear.bind(("127.0.0.1", 0))
    return ear


def measure(seconds: float) -> dict[str, object]:
    host = Host(load_slots([load_preset("violin")]), block_size=BLOCK_SIZE)
    blocks = sung_blocks(host.sample_rate, BLOCK_SIZE, seconds)
    period_s = BLOCK_SIZE / host.sample_rate
    desk = Desk(host)

    def play(what: str) -> Row:
        raise_companions()  # as `chanterelle play` does, where it may
        for block in blocks[:100]:
            host.process(block)
        return paced(what, host.process, blocks, period_s)

    raise_this_thread(min(AUDIO_PRIORITY, rights().realtime_priority))
    with OscServer(desk, ViewState, 0) as server, an_ear() as nobody, undisturbed():
        with a_flood(nobody.getsockname()[1]):
            rows = [play("flooded elsewhere")]
        with a_flood(server.port) as told:
            n_before = server.n_messages
            rows.append(play("flooded"))
            n_messages = server.n_messages - n_before
            troubles = server.troubles
    rates = [float(line) for line in told if line.strip()]
    return {
        "rows": [row._asdict() for row in rows],
        "packets_per_s": round(rates[-1]),
        "messages_per_s": round(n_messages / seconds),
        "troubles": troubles,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=str(__doc__).splitlines()[0])
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--quick", action="store_true", help="half a second")
    parser.add_argument("--send", type=int, metavar="PORT", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.send:
        send_all(args.send)
    print(json.dumps(measure(0.5 if args.quick else args.seconds)))


if __name__ == "__main__":
    main()
