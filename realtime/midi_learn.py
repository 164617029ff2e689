"""Learning: touch a control, move a knob, and from then on the one turns the other.

One stray message binds nothing: a knob has to give several values, a switch to be pressed and
released. While one is waited for, knobs turn nothing else.
"""

import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

from ddsp_core.errors import ChanterelleError, ControlError, did_you_mean
from realtime.commands import BY_NAME as COMMANDS
from realtime.desk import Desk
from realtime.mapping import ONE_A_CHANNEL, MidiEntry
from realtime.midi_gestures import FIRST_FINE, INCREMENT, LAST_FINE, RPN_COARSE, Gesture
from realtime.midi_hands import SOURCE
from realtime.midi_learned import load_learned, save_learned, with_entry, without
from realtime.midi_router import MidiRouter

ENOUGH_VALUES = 3
PATIENCE_S = 30.0
TURNED = ("cc", "nrpn", "bend", "pressure")
PRESSED = ("cc", "note", "program")
LEARNABLE = ("", "switch")
"""Arguments of commands that a switch can give."""

Place = tuple[str, int, int]
"""Source, channel, number."""


class MidiLearner:
    """Carries out the desk's commands `learn` and `forget`, and keeps what was learned.

    Args:
        desk: is told what happens.
        router: gets the learned knobs.
        path: of the file; else the user's own.
        now_s: a clock.

    Raises PresetError for mistakes in the file.
    """

    def __init__(
        self,
        desk: Desk,
        router: MidiRouter,
        path: Path | None = None,
        now_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._desk, self._router, self._path, self._now_s = desk, router, path, now_s
        self._learned = load_learned(path)
        self._begin("")
        router.use_learned(self._learned)
        router.learner = self
        desk.provide("learn", self._learn)
        desk.provide("forget", self._forget)

    @property
    def waits_for(self) -> str:
        """The control or command that wants a knob; empty if none does, or not any more."""
        return "" if self._has_waited_enough else self._target

    @property
    def learned(self) -> tuple[str, ...]:
        """Controls and commands that were learned, whether a preset leaves their knobs or not."""
        return tuple(entry.target for entry in self._learned)

    @property
    def _has_waited_enough(self) -> bool:
        return self._now_s() - self._since_s > PATIENCE_S

    def hear(self, gesture: Gesture) -> bool:
        """Whether a knob is waited for, so that the gesture turns nothing."""
        if not self._target:
            return False
        if self._has_waited_enough:
            self._desk.say(f"no knob moved for {self._target}", SOURCE)
            self._begin("")
            return False
        if gesture.source != "cc" or gesture.bits == 7:
            self._collect(gesture)
        return True

    def _learn(self, value: float | str | None, source: str) -> None:
        name = str(value)
        if name == self.waits_for:
            self._begin("")
            self._desk.say(f"{name} is not learned", source)
            return
        command = COMMANDS.get(name)
        if command is None:
            self._desk.instrument.find_control(name, "learn")
        elif command.argument not in LEARNABLE:
            todo = "write a line with `command:` and `value:` into the preset's midi"
            raise ControlError("learn", f"{name} has to be told something", todo)
        self._begin(name)
        what = "press a switch twice" if command else "move a knob"
        self._desk.say(f"{what} for {name}", source)

    def _begin(self, target: str) -> None:
        self._heard: dict[Place, set[int]] = defaultdict(set)
        self._n_presses: dict[Place, int] = defaultdict(int)
        self._since_s = self._now_s()
        self._target = target

    def _collect(self, gesture: Gesture) -> None:
        place = (gesture.source, gesture.channel, gesture.number)
        if gesture.source == "cc" and INCREMENT <= gesture.number <= RPN_COARSE:
            return  # they say which parameter is meant, and do not stand for a knob
        self._heard[place].add(gesture.value)
        self._n_presses[place] += gesture.is_pressed
        if self._target in COMMANDS:
            if gesture.source in PRESSED and self._n_presses[place] >= 2:
                self._bind({"command": self._target}, place)
        elif gesture.source in TURNED and len(self._heard[place]) >= ENOUGH_VALUES:
            self._bind({"control": self._target}, place)

    def _bind(self, target: dict[str, str], place: Place) -> None:
        source, channel, number = place
        line: dict[str, object] = {}
        partner = self._coarse_partner(place)
        if partner is not None:
            number, line["bits"] = partner, 14
        line[source] = True if source in ONE_A_CHANNEL else number
        entry = MidiEntry.model_validate({**line, "channel": channel, **target})
        self._begin("")
        self._use(with_entry(self._learned, entry))
        self._desk.say(f"{entry.spoken} moves {entry.target} from now on", SOURCE)
        self._save("learned until the end of this session")

    def _forget(self, value: float | str | None, source: str) -> None:
        name = str(value)
        if name not in self.learned:
            known = did_you_mean(name, self.learned) if self.learned else "nothing was learned"
            raise ControlError("forget", f"no knob was learned for {name!r}", known)
        self._use(without(self._learned, name))
        self._desk.say(f"what was learned for {name} is forgotten", source)
        self._save("forgotten until the end of this session")

    def _use(self, entries: tuple[MidiEntry, ...]) -> None:
        self._learned = entries
        self._router.use_learned(entries)

    def _save(self, else_: str) -> None:
        """Into the file; where the disk refuses, says what holds instead."""
        try:
            save_learned(self._learned, self._path)
        except ChanterelleError as error:
            self._desk.say(f"{else_}: {error}", SOURCE)

    def _coarse_partner(self, place: Place) -> int | None:
        """The number of a 14-bit pair of which both halves were heard; None if it is none."""
        source, channel, number = place
        if source != "cc" or number > LAST_FINE:
            return None
        coarse = number % FIRST_FINE
        both = {("cc", channel, coarse), ("cc", channel, coarse + FIRST_FINE)}
        return coarse if both <= self._heard.keys() else None
