"""The hands and eyes of a show: a tablet that turns by OSC and reads what comes back."""

import socket
import threading
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from benchmarks.cards import RATE
from benchmarks.show_plan import Deed
from realtime.osc_packet import messages_of, packet_of

SUBSCRIBE_EVERY_S = 20.0
ASK_EVERY_S = 0.5
"""Until there is an answer."""


class Tablet:
    """Sends the deeds by OSC at their time, and listens. A context manager.

    Args:
        port: of the instrument.
        deeds: those without OSC are left out.
    """

    def __init__(self, port: int, deeds: Sequence[Deed]) -> None:
        self.messages: list[str] = []
        """All that the performer was told."""
        self.told: Counter[str] = Counter()
        """Addresses."""
        self.longest_silence_s = 0.0
        """Between two readings of the meters."""
        self.preset = ""
        self._to = ("127.0.0.1", port)
        self._deeds = sorted(deed for deed in deeds if deed.osc[0])
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.settimeout(0.002)
        self._begun_s = float("inf")
        self._last_meters_s = 0.0
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._live, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._is_over.set()
        self._thread.join()
        self._socket.close()

    def begin(self, lead_s: float) -> None:
        """The show's first sample comes so much later."""
        self._begun_s = time.monotonic() + lead_s

    def _live(self) -> None:
        subscribed_s, n_done = -SUBSCRIBE_EVERY_S, 0
        while not self._is_over.is_set():
            now_s = time.monotonic()
            if now_s - subscribed_s >= (SUBSCRIBE_EVERY_S if self.told else ASK_EVERY_S):
                self._send("subscribe")
                subscribed_s = now_s
            while n_done < len(self._deeds) and self._is_due(self._deeds[n_done], now_s):
                address, values = self._deeds[n_done].osc
                self._send(address, *values)
                n_done += 1
            self._hear()

    def _is_due(self, deed: Deed, now_s: float) -> bool:
        return now_s - self._begun_s >= deed.sample / RATE

    def _send(self, address: str, *values: float | str) -> None:
        self._socket.sendto(packet_of(f"/chanterelle/{address}", values), self._to)

    def _hear(self) -> None:
        try:
            packet = self._socket.recv(65536)
        except (TimeoutError, ConnectionError):  # it is not there yet
            return
        for message in messages_of(packet):
            name = message.address.removeprefix("/chanterelle/")
            self.told[name] += 1
            if name == "message":
                self.messages.append(str(message.values[0]))
            elif name == "preset":
                self.preset = str(message.values[0])
            elif name == "meters/load":
                self._note_meters()

    def _note_meters(self) -> None:
        now_s = time.monotonic()
        if self.told["meters/load"] > 1 and now_s > self._begun_s:
            self.longest_silence_s = max(self.longest_silence_s, now_s - self._last_meters_s)
        self._last_meters_s = now_s


class Memory:
    """Resident memory of a program and all that it started, in MB; by kind of process."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self.looks: list[tuple[int, float]] = []
        """Processes, and their memory."""

    def look(self) -> None:
        """Now."""
        family = [self._pid]
        for pid in family:
            for task in Path(f"/proc/{pid}/task").glob("*/children"):
                family += [int(child) for child in _text(task).split()]
        pages = [_text(Path(f"/proc/{pid}/statm")).split() for pid in family]
        self.looks.append((len(family), sum(int(page[1]) for page in pages if page) * 4096 / 2**20))


def _text(path: Path) -> str:
    """Empty if the process has gone."""
    try:
        return path.read_text(encoding="ascii")
    except OSError:
        return ""
