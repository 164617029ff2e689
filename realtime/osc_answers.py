"""What OSC packets do, apart from sockets and threads: bytes and a sender in, packets to send out.

Nothing that anybody sends raises anything: it is counted, and told to the performer once.
"""

import heapq
import time
from collections import Counter
from collections.abc import Callable, Iterable
from typing import NamedTuple

from ddsp_core.errors import ChanterelleError, ControlError
from realtime.desk import Desk
from realtime.live_view_state import ViewState
from realtime.osc_addresses import HAND, ROOT, SERVER_WORDS, address_of, carry_out, directory
from realtime.osc_feedback import everything, meters, place
from realtime.osc_news import News, Peer, Subscriber, Subscribers, Values
from realtime.osc_packet import MalformedError, Message, bundles_of, messages_of, packet_of

METERS_EVERY_S = 0.05
FULL_EVERY_S = 1.0
"""Everything at most so often to the same subscriber, and the help at most so often at all."""

AHEAD_S = 1.0
"""A time tag further ahead comes from a clock that is set differently: it counts as now."""

MOST_WAITING = 256
MOST_TOLD = 20

Send = Callable[[bytes, Peer], None]


class Due(NamedTuple):
    """A message that waits for its time."""

    at_s: float
    number: int
    """In the order in which they came."""
    message: Message
    sender: Peer


class Answers:
    """Carries out what packets ask for, and keeps subscribers posted. For one thread.

    Args:
        desk: does it.
        read_state: what subscribers see of the performance.
        send: one datagram to somebody.
        wake: called from any thread when there is something to tell subscribers.
        is_ourselves: whether what is sent there would come back as commands.
    """

    def __init__(
        self,
        desk: Desk,
        read_state: Callable[[], ViewState],
        send: Send,
        wake: Callable[[], None] = lambda: None,
        is_ourselves: Callable[[Peer], bool] = lambda _peer: False,
    ) -> None:
        self._desk, self._read_state, self._send = desk, read_state, send
        self._is_ourselves = is_ourselves
        self.subscribers = Subscribers()
        self.news = News(lambda: len(self.subscribers) > 0, wake)
        self.n_messages = 0
        self.troubles: Counter[str] = Counter()
        """How often what was wrong: malformed, refused, failed, flood, unsent."""
        self._told: set[tuple[str, str]] = set()
        self._waiting: list[Due] = []
        self._place: Iterable[tuple[str, Values]] = ()
        self._meters_s = self._helped_s = -FULL_EVERY_S
        desk.listen(self.news.on_change)

    def receive(self, packet: bytes, sender: Peer, now_s: float) -> int:
        """Does what the packet asks for, now or when it says; returns its number of messages."""
        try:
            messages = messages_of(packet)
        except MalformedError as error:
            self.trouble(
                "malformed", f"a packet from {sender[0]} is no OSC: {error}", str(sender[0])
            )
            return 1
        clock_s = time.time() if any(message.at_s for message in messages) else 0.0
        for message in messages:
            wait_s = message.at_s - clock_s
            if 0.0 < wait_s <= AHEAD_S and len(self._waiting) < MOST_WAITING:
                self.n_messages += 1
                heapq.heappush(self._waiting, Due(now_s + wait_s, self.n_messages, message, sender))
            else:
                self._do(message, sender, now_s)
        return max(1, len(messages))

    def due_in_s(self, now_s: float) -> float | None:
        """How long there is nothing to do; None: until somebody calls."""
        times = [self._meters_s + METERS_EVERY_S] if len(self.subscribers) else []
        times += [self._waiting[0].at_s] if self._waiting else []
        return max(0.0, min(times) - now_s) if times else None

    def tick(self, now_s: float) -> None:
        """Messages whose time has come, changes, and meters twenty times a second."""
        while self._waiting and self._waiting[0].at_s <= now_s:
            due = heapq.heappop(self._waiting)
            self._do(due.message, due.sender, now_s)
        self.subscribers.forget_old(now_s)
        pending = self.news.take()
        if not len(self.subscribers):
            return
        frequent = self._frequent(now_s)
        for subscriber in self.subscribers:
            self._tell(subscriber, [*subscriber.news(pending, now_s), *frequent])

    def trouble(self, kind: str, text: str, about: str) -> None:
        """Counts it, and tells it once."""
        self.troubles[kind] += 1
        if (kind, about) not in self._told and len(self._told) < MOST_TOLD:
            self._told.add((kind, about))
            self._desk.say(f"OSC: {text}", HAND)

    def _do(self, message: Message, sender: Peer, now_s: float) -> None:
        self.n_messages += 1
        self.news.hand = sender
        try:
            word = message.address.removeprefix(f"{ROOT}/")
            if word in SERVER_WORDS:
                self._serve(word, message, sender, now_s)
            elif asked := carry_out(self._desk, message.address, message.values):
                values = (self._desk.instrument.control_values[asked],)
                self._send(packet_of(message.address, values), sender)
        except ChanterelleError as error:
            self.trouble("refused", str(error).removeprefix("OSC "), message.address)
        except Exception as error:  # nobody's message may end the server
            self.trouble("failed", f"{message.address[:80]}: {type(error).__name__}", "")
        finally:
            self.news.hand = None

    def _serve(self, word: str, message: Message, sender: Peer, now_s: float) -> None:
        peer = (sender[0], _port(message, sender), *sender[2:])
        if word == "unsubscribe":
            self.subscribers.remove(peer)
        elif word == "help":
            if now_s - self._helped_s >= FULL_EVERY_S:
                self._helped_s = now_s
                self._post(((f"{ROOT}/help", line) for line in directory(self._desk)), peer)
        elif self._is_ourselves(peer):
            raise ControlError(address_of(word), f"port {peer[1]}", "a port of your own")
        else:
            self._subscribe(peer, sender, now_s)

    def _subscribe(self, peer: Peer, sender: Peer, now_s: float) -> None:
        subscriber = self.subscribers.add(peer, sender, now_s)
        if subscriber is None:
            raise ControlError(address_of("subscribe"), "too many subscribers", "")
        if now_s - subscriber.full_s >= FULL_EVERY_S:
            subscriber.full_s = now_s
            self._tell(subscriber, everything(self._desk, self._read_state()))

    def _frequent(self, now_s: float) -> list[tuple[str, Values]]:
        """Meters, when it is time, and the place in the set list where it has changed."""
        if now_s - self._meters_s < METERS_EVERY_S:
            return []
        # From tick to tick, so that it does not slow down; but none is made up for.
        self._meters_s = max(self._meters_s + METERS_EVERY_S, now_s - METERS_EVERY_S)
        try:
            state = self._read_state()
        except Exception as error:
            self.trouble("failed", f"no meters: {type(error).__name__}: {error}", "")
            return []
        now = place(state)
        moved, self._place = [line for line in now if line not in self._place], now
        return [*moved, *meters(state)]

    def _tell(self, subscriber: Subscriber, lines: Iterable[tuple[str, Values]]) -> None:
        self._post(lines, subscriber.peer)

    def _post(self, lines: Iterable[tuple[str, Values]], peer: Peer) -> None:
        for datagram in bundles_of(packet_of(address, values) for address, values in lines):
            self._send(datagram, peer)


def _port(message: Message, sender: Peer) -> int:
    """Where the answer goes: the port that was said, else where the question came from."""
    if not message.values:
        return int(sender[1])
    try:
        port = int(float(message.values[0]))  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        port = 0
    if not 1024 <= port <= 65535:
        raise ControlError(
            f"OSC {message.address}", f"port {message.values[0]!r}"[:60], "1024 to 65535"
        )
    return port
