"""OSC's answers before a fake desk: a clock that stands still, and the post that they send."""

from collections import defaultdict

from desks import a_desk

from realtime.live_view_state import ViewState
from realtime.osc_answers import Answers
from realtime.osc_news import Peer
from realtime.osc_packet import Value, messages_of, packet_of

TABLET: Peer = ("10.0.0.7", 51000)
PHONE: Peer = ("10.0.0.8", 52000)
STATE = ViewState(song="Solveig", preset="Cello", f0_hz=442.0, is_singing=True, recording_s=3.0)


class Stage:
    """Answers before a fake desk, a clock that stands still, and the post they have sent."""

    def __init__(self) -> None:
        self.desk, self.instrument, self.changes = a_desk()
        self.post: dict[Peer, list[tuple[str, tuple[Value, ...]]]] = defaultdict(list)
        self.answers = Answers(self.desk, lambda: STATE, self._send)
        self.now_s = 1000.0
        self.n_packets = 0

    def _send(self, packet: bytes, peer: Peer) -> None:
        self.n_packets += 1
        self.post[peer] += [(message.address, message.values) for message in messages_of(packet)]

    def hear(self, address: str, *values: Value, sender: Peer = TABLET) -> None:
        packet = packet_of(f"/chanterelle/{address}", values)
        assert self.answers.receive(packet, sender, self.now_s) == 1

    def tick(self, later_s: float = 0.0) -> None:
        self.now_s += later_s
        self.answers.tick(self.now_s)

    def got(self, address: str, peer: Peer = TABLET) -> list[tuple[Value, ...]]:
        name = f"/chanterelle/{address}"
        return [values for to, values in self.post[peer] if to == name]

    def forget(self) -> None:
        self.post.clear()
        self.instrument.asked.clear()
        self.changes.clear()

    @property
    def said(self) -> list[str]:
        return [str(change.value) for change in self.changes if change.what == "message"]
