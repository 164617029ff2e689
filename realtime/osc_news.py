"""Who subscribes to OSC, and which news each of them is sent.

A fader that is being moved is not sent its own movements, or it would jump under the finger: what
its own hand has changed follows when it has rested for `REST_S` (rounded, if the control has
steps). Everybody else is told at once, and everybody of what another hand has changed.
"""

import math
import threading
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from realtime.commands import BY_NAME as COMMANDS
from realtime.desk import Change
from realtime.osc_addresses import HAND, address_of
from realtime.osc_packet import Value

Peer = tuple[str | int, ...]
"""Host, port, and what else IPv6 knows of an address."""
Values = tuple[Value, ...]

MOST_SUBSCRIBERS = 8
LEASE_S = 60.0
REST_S = 0.3
MOST_PENDING = 1000


class Told(NamedTuple):
    """A change that waits to be sent."""

    values: Values
    hand: Peer | None
    """Who made it, if it came by OSC."""


class Subscriber:
    """One who is sent what happens.

    Args:
        peer: where to.
        asked_from: where its own messages come from.
    """

    def __init__(self, peer: Peer, asked_from: Peer) -> None:
        self.peer, self.asked_from = peer, asked_from
        self.until_s = 0.0
        self.full_s = -math.inf
        self._own: dict[str, tuple[float, Values]] = {}

    def news(self, pending: Mapping[str, Told], now_s: float) -> Iterator[tuple[str, Values]]:
        """What to send it now: changes, and its own ones that have rested."""
        for address, told in pending.items():
            if told.hand == self.asked_from:
                self._own[address] = (now_s, told.values)
            else:
                self._own.pop(address, None)
                yield address, told.values
        rested = [name for name, (moved_s, _) in self._own.items() if now_s - moved_s >= REST_S]
        for address in rested:
            yield address, self._own.pop(address)[1]


class Subscribers:
    """A bounded number of them, each for a bounded time."""

    def __init__(self) -> None:
        self._by_peer: dict[Peer, Subscriber] = {}

    def __iter__(self) -> Iterator[Subscriber]:
        return iter(tuple(self._by_peer.values()))

    def __len__(self) -> int:
        return len(self._by_peer)

    def add(self, peer: Peer, asked_from: Peer, now_s: float) -> Subscriber | None:
        """A new one, or one more minute; None if there are too many."""
        self.forget_old(now_s)
        if peer not in self._by_peer and len(self) >= MOST_SUBSCRIBERS:
            return None
        subscriber = self._by_peer.setdefault(peer, Subscriber(peer, asked_from))
        subscriber.asked_from, subscriber.until_s = asked_from, now_s + LEASE_S
        return subscriber

    def remove(self, peer: Peer) -> None:
        """No longer; nothing happens if it was none."""
        self._by_peer.pop(peer, None)

    def forget_old(self, now_s: float) -> None:
        """Those who have not asked again."""
        for peer in [peer for peer, one in self._by_peer.items() if one.until_s <= now_s]:
            self.remove(peer)


class News:
    """Changes of the desk, the last of each address, until somebody sends them.

    Args:
        is_wanted: whether there is anybody to send them to.
        wake: called (from any thread) when there is something after nothing.
    """

    def __init__(self, is_wanted: Callable[[], bool], wake: Callable[[], None]) -> None:
        self._is_wanted, self._wake = is_wanted, wake
        self._lock = threading.Lock()  # never held while anybody else's code runs
        self._pending: dict[str, Told] = {}
        self.hand: Peer | None = None
        """Whose message is being carried out now, in the server's thread."""

    def on_change(self, change: Change) -> None:
        """Of the desk, in whichever thread made it."""
        if not self._is_wanted():
            return
        address, values = as_message(change)
        hand = self.hand if change.source == HAND and change.what == "control" else None
        with self._lock:
            is_first = not self._pending
            if address and len(self._pending) < MOST_PENDING:
                self._pending[address] = Told(values, hand)
        if is_first:
            self._wake()

    def take(self) -> dict[str, Told]:
        """All that has come since the last time."""
        with self._lock:
            pending, self._pending = self._pending, {}
        return pending


def as_message(change: Change) -> tuple[str, Values]:
    """Where a change is told, and its values; no address for what nobody wants to know."""
    if change.what == "control":
        return address_of(change.name), (change.value,)
    if change.what == "preset":
        number = change.value if isinstance(change.value, str) else change.value + 1.0
        return address_of("preset"), (change.name, number)
    if change.what == "message" or change.what in COMMANDS:
        return address_of(change.what), (*([change.name] if change.name else []), change.value)
    return "", ()
