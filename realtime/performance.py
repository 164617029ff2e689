"""A performance: the host, the desk, the set list and the recorder around one session."""

import threading
import time
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from realtime.card import Card
from realtime.desk import Change, Desk, is_on
from realtime.host import Host
from realtime.keeper import SOURCE, Keeper, go_on
from realtime.processor import Processor
from realtime.session import Advisor, Session, Status, View
from realtime.set_list import SetList
from realtime.set_position import SetPosition
from realtime.standing import Standing, StandingFile
from realtime.take_about import about_host
from realtime.take_layout import TakeLayout
from realtime.take_recorder import TakeRecorder
from realtime.tempo import Tempo

if TYPE_CHECKING:
    from realtime.midi_keyboard import Keyboard
    from realtime.midi_out import MidiOut

TAKES = Path("takes")
"""Where takes go that a pedal begins, if nobody said where."""


class Wishes(NamedTuple):
    """What the command line asks for besides sound."""

    record: Path | None = None
    """Where takes are kept; one begins with the first block."""
    layout: TakeLayout = TakeLayout()
    midi: str | None = None
    """Parts of the names of MIDI inputs."""
    midi_out: str | None = None
    """Part of the name of an output that gets what is sung."""
    osc_port: int | None = None
    osc_host: str = "127.0.0.1"
    console: Path | None = None
    """Folder of the link to a console, if there is one."""
    flags: Mapping[str, str] = MappingProxyType({})
    """Of the command line, as far as a console may change them."""
    is_seen: bool = False
    """Somebody watches and types in a terminal."""


class Message(NamedTuple):
    """What the performer was told last."""

    text: str = ""
    at_s: float = -float("inf")
    """By time.monotonic()."""


class Performance:
    """What plays, and what keeps it; a session's view.

    Args:
        host: with the presets of the set.
        set_list: the show.
        card: where sound comes from and goes to.
        wishes: of the command line.
        end: set by whoever wants it to end.
        priority: real-time priority for the card's thread.
        guide: the pitch tracker's, if it has one.
        keyboard: whose notes the host's voices play, if nobody sings.
        heard: who sings or plays, for the takes.
        standing: kept for whoever may have to take it up again, if somebody would.
    """

    def __init__(
        self,
        host: Host,
        set_list: SetList,
        card: Card,
        wishes: Wishes,
        end: threading.Event,
        *,
        priority: int = 0,
        guide: Advisor | None = None,
        keyboard: "Keyboard | None" = None,
        heard: Mapping[str, object] | None = None,
        standing: StandingFile | None = None,
    ) -> None:
        self.host, self.wishes, self.end = host, wishes, end
        self.set_list, self.card = set_list, card
        self.desk = Desk(host)
        self.position = SetPosition(self.desk, set_list)
        self.tempo = Tempo(self.desk)
        self.keyboard = keyboard
        self.midi_out = self._open_midi_out()
        self.message = Message()
        player = at_rate(host, card.sample_rate)
        about = about_host(host, lambda: player.latency_samples, set_list.title, heard)
        self.tape = TakeRecorder(
            self.takes_folder,
            card.sample_rate,
            host.n_outputs,
            wishes.layout,
            about,
            say=lambda text: self.desk.say(text, "recorder"),
        )
        listener = self.midi_out.hear if self.midi_out else None
        self.session = Session(player, card, self.tape, self, priority, guide, listener)
        self.status = self.session.status()
        self.keeper = self._keep(standing) if standing else None
        self.views: list[View] = [self.keeper] if self.keeper else []
        self.successor: Standing | None = None
        """Where another process shall go on from; None: this one plays to the end."""
        self.desk.provide("record", self._record)
        self.desk.provide("reset_counters", lambda _value, _source: self.session.reset_counters())
        self.desk.listen(self._on_change)

    def begin(self, before: Standing | None = None) -> None:
        """Everything as the set list says, or as it stood; a take begins, or goes on.

        Raises:
            AudioError: takes cannot be written where they shall be.
        """
        if before is None:
            self.position.begin()
            if self.wishes.record:
                self.tape.start(wait=True)
            return
        go_on(before, self.desk, self.position)
        if before.said:
            self.desk.say(before.said, SOURCE)
        if before.take:
            self.tape.resume(Path(before.take))

    def leave(self, successor: Standing) -> None:
        """Ends soon; another process goes on from there. From any thread."""
        self.successor = successor
        self.end.set()

    def _keep(self, file: StandingFile) -> Keeper:
        last = file.read()
        return Keeper(
            file,
            self.desk,
            self.position,
            self._take,
            self.wishes.flags,
            last.proven if last else {},
            lambda: self.session.times.n_blocks > 0,
        )

    @property
    def takes_folder(self) -> Path:
        """Where takes are kept."""
        return self.wishes.record or TAKES

    def show(self, status: Status) -> None:
        """Ten times a second, from the main thread; a view that has gone is left out."""
        self.status = status
        self.host.tidy()
        for view in tuple(self.views):
            try:
                view.show(status)
            except OSError:
                self.views.remove(view)

    def _open_midi_out(self) -> "MidiOut | None":
        if self.wishes.midi_out is None:
            return None
        from realtime.midi_out import MidiOut
        from realtime.midi_sung import SungNotes

        hop_s = self.host.hop_size / self.host.sample_rate
        gate_db = self.host.control_values["gate_db"]
        return MidiOut(self.wishes.midi_out, SungNotes(hop_s, gate_db))

    def _take(self) -> str:
        return str(self.tape.folder) if self.tape.is_recording else ""

    def _record(self, value: float | str | None, source: str) -> None:
        was_on = self.tape.is_recording
        on = is_on(value, was_on)
        (self.tape.start if on else self.tape.stop)()
        self.desk.tell(Change("record", "", float(on), source))
        if on or was_on:
            self.desk.say("recording" if on else f"recorded into {self.tape.folder}", source)

    def _on_change(self, change: Change) -> None:
        if self.keyboard:
            self.keyboard.follow(change)
        if change.what == "message":
            self.message = Message(str(change.value), time.monotonic())
        elif change.what not in {"control", "record"} and change.source not in {"start", SOURCE}:
            self.tape.note(change._asdict())


def at_rate(host: Host, sample_rate: int) -> Processor:
    """The host as a card of that rate wants it."""
    if host.sample_rate == sample_rate:
        player: Processor = host
        return player
    from realtime.resampled import Resampled

    return Resampled(host, sample_rate)
