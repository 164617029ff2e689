"""What was done in a take, as marks on its time line: few enough to be read."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from realtime.controls import BY_NAME

ONE_MOVE_S = 1.5
"""Of a control, with pauses no longer than this between, counts as one move."""
MOST = 200
RANK = {"preset": 0, "song": 0, "gap": 0, "panic": 1, "bypass": 1, "bypass_effect": 2, "tempo": 3}
"""What is kept first where there is too much; moves of controls come last."""


class Mark(NamedTuple):
    """One of them."""

    at_s: float
    kind: str
    """"preset", "song", "control", ..."""
    words: str


def marks_of(
    events: Iterable[Mapping[str, Any]],
    sample_rate: int,
    presets: Sequence[str],
    start: Mapping[str, float],
) -> list[Mark]:
    """In order of time.

    Args:
        events: see `take_notes.read_events`.
        sample_rate: of the take, in Hz.
        presets: of the set, by name.
        start: where the controls stood at the beginning.
    """
    moves = _Moves(start)
    marks = []
    chosen_at = -1
    for event in events:
        kind, sample = str(event.get("kind")), int(event["sample"])
        chosen_at = sample if kind == "preset" else chosen_at
        if kind == "control":
            value = event.get("value")
            if isinstance(value, int | float):
                # What came with a preset, and not by hand, is no move.
                moves.turn(str(event.get("name")), value, sample, by_hand=sample != chosen_at)
        elif words := _words(kind, event, presets):
            marks.append((sample, "song" if kind == "asked" else kind, words))
    marks += moves.all(ONE_MOVE_S * sample_rate)
    marks.sort(key=lambda mark: (RANK.get(mark[1], 4), mark[0]))
    return [Mark(round(at / sample_rate, 3), *rest) for at, *rest in sorted(marks[:MOST])]


class _Moves:
    """Of controls."""

    def __init__(self, start: Mapping[str, float]) -> None:
        self._values = dict(start)
        self._turns: dict[str, list[tuple[int, float, float]]] = {}

    def turn(self, name: str, value: float, sample: int, *, by_hand: bool) -> None:
        """From where it stood to a value."""
        before = self._values.get(name, value)
        self._values[name] = value
        if by_hand and before != value:
            self._turns.setdefault(name, []).append((sample, before, value))

    def all(self, most_between: float) -> list[tuple[int, str, str]]:
        """Sample, kind and words of each move."""
        found = []
        for name, turns in self._turns.items():
            first, last = turns[0], turns[0]
            for turn in turns[1:]:
                if turn[0] - last[0] > most_between:
                    found.append((first[0], "control", _moved(name, first[1], last[2])))
                    first = turn
                last = turn
            found.append((first[0], "control", _moved(name, first[1], last[2])))
        return found


def _moved(name: str, before: float, after: float) -> str:
    plain = name.replace("_", " ").replace(".", ": ")
    control = BY_NAME.get(name)
    if control and control.choices and control.minimum <= after <= control.maximum:
        return f"{plain}: {control.shown(after)}"
    unit = control.unit if control else ""
    return f"{plain} {before:.3g} to {after:.3g} {unit}".rstrip()


def _words(kind: str, event: Mapping[str, Any], presets: Sequence[str]) -> str:
    """Empty for what says nothing to a listener."""
    name, value = str(event.get("name") or ""), event.get("value")
    is_on = isinstance(value, int | float) and value >= 0.5
    if kind == "preset":
        return f"preset {name or _named(presets, value)}"
    if kind == "asked":
        return f"song {name}" if event.get("what") == "song" and name else ""
    if kind == "bypass":
        return "bypass on" if is_on else "bypass off"
    if kind == "bypass_effect":
        return f"effect {name} {'out' if is_on else 'in'}"
    if kind == "tempo" and isinstance(value, int | float):
        return f"tempo {value:.4g}"
    if kind == "gap":
        return f"nothing was recorded for {event.get('lasted_s', '?')} s"
    return "panic" if kind == "panic" else ""


def _named(presets: Sequence[str], value: object) -> str:
    number = int(value) if isinstance(value, int | float) else -1
    return presets[number] if 0 <= number < len(presets) else "of another set"
