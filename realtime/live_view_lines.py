"""The stage view as lines of text: a pure function of what is to be seen, and of the space.

What matters most is kept where there is little space: what went wrong, the preset, the note sung.
What a colour says is said in a word or sign too.
"""

import math
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from rich.text import Text

from realtime.live_view_bars import clock, level_bar, roughly, share_bar
from realtime.live_view_heads import (
    BAD,
    DIM,
    GOOD,
    NAME,
    PROBLEM,
    WARN,
    preset_lines,
    song_line,
    tuner_lines,
)
from realtime.live_view_held import NOTHING_HELD, Held
from realtime.live_view_help import help_lines
from realtime.live_view_state import ViewState

Piece = tuple[str, str]
"""Text and style."""

BIG_COLUMNS = 60
"""From there on there is space for large letters."""

BUSY_LOAD = 0.7
HOT_DB = -3.0
MIDI_SEEN_S = 0.3
MESSAGE_S = 60.0
"""An older message is not shown any more."""

SHORT_OF_DISK_S = 600.0
NEW_S = 2.0
MOST_NOTE_LINES = 3
MOST_LINES = 3
MOST_PROBLEMS = 4
KEYS = "? help   → ← preset   ↓ ↑ song   r record   b bypass   p panic   q quit"


class Row(NamedTuple):
    """A line, and how much it matters: where there is no space the largest numbers go."""

    rank: int
    text: Text


def view_lines(
    state: ViewState, width: int, held: Held = NOTHING_HELD, height: int = 24
) -> list[Text]:
    """The view, none of its lines wider than `width` columns, and at most `height` of them."""
    width = max(width, 1)
    if state.shows_help:
        lines = help_lines(height)
    else:
        rows = list(_rows(state, width, held, is_big=width >= BIG_COLUMNS))
        if len(rows) > height:
            rows = list(_rows(state, width, held, is_big=False))
        lines = _fitting(rows, height)
    for line in lines:
        line.truncate(width, overflow="ellipsis")
    return lines


def _fitting(rows: list[Row], height: int) -> list[Text]:
    n_too_many = max(0, len(rows) - height)
    ranked = sorted(range(len(rows)), key=lambda place: (-rows[place].rank, -place))
    gone = set(ranked[:n_too_many])
    return [row.text for place, row in enumerate(rows) if place not in gone]


def _rows(state: ViewState, width: int, held: Held, is_big: bool) -> Iterator[Row]:
    if state.n_songs or state.song:
        yield Row(3, song_line(state, width))
        yield Row(8, Text(""))
    yield from (Row(1, line) for line in preset_lines(state, width, is_big))
    notes = [line for given in state.note.splitlines() for line in wrapped(given, width)]
    yield from (Row(4, Text(line, style="italic")) for line in notes[:MOST_NOTE_LINES])
    yield Row(8, Text(""))
    yield from (Row(2, line) for line in tuner_lines(held.note, width, is_big))
    yield Row(3, meter_line("in ", state.input_peak_db, held.input_db, held.input_clipped, width))
    yield Row(
        5, meter_line("out", state.output_peak_db, held.output_db, held.output_limited, width)
    )
    yield from (Row(4, line) for line in flow(load_fields(state), width))
    yield from (Row(4, line) for line in flow(stage_fields(state), width))
    if state.selected:
        yield Row(6, control_line(state, width))
    yield Row(8, Text(""))
    for problem in state.problems[:MOST_PROBLEMS]:
        yield from (Row(0, Text(f"{line} ", PROBLEM)) for line in wrapped(problem, width - 1))
    if state.late_blocks:
        yield from (Row(2, Text(line, BAD)) for line in wrapped(state.late_words, width))
    if state.message and state.message_age_s < MESSAGE_S:
        yield from (Row(1, line) for line in message_lines(state, width))
    yield Row(7, Text(f" {KEYS}", style=DIM))


def meter_line(name: str, peak_db: float, hold_db: float, over: str, width: int) -> Text:
    """A level, the loudest of late, and a mark where it was too much."""
    n_cells = max(5, min(50, width - 26))
    style = BAD if over else WARN if peak_db > HOT_DB else "green"
    bar = (level_bar(peak_db, hold_db, n_cells), style)
    return Text.assemble(f" {name} ", bar, f" {max(peak_db, -99.0):4.0f} dB", (f"  {over}", BAD))


def load_fields(state: ViewState) -> list[Piece]:
    """How the computer copes."""
    loads = (state.load_mean, state.load_p99, state.load_max)
    figures = "/".join(f"{100 * load:.0f}" for load in loads)
    return [
        (f"load {figures} %", BAD if state.load_p99 > BUSY_LOAD else ""),
        (f"late {state.late_blocks}", BAD if state.late_blocks else ""),
        (f"xruns {state.xruns}", BAD if state.xruns else ""),
        (f"latency {state.latency_ms:.1f} ms", ""),
    ]


def stage_fields(state: ViewState) -> list[Piece]:
    """Take, tempo, MIDI."""
    return [*_take_fields(state), *_hand_fields(state)]


def _take_fields(state: ViewState) -> list[Piece]:
    is_recording = state.recording_s is not None
    fields = [
        (f"● REC {clock(state.recording_s or 0.0)}", BAD) if is_recording else ("○ no take", DIM)
    ]
    if state.disk_free_s is not None and (is_recording or state.disk_free_s < SHORT_OF_DISK_S):
        style = BAD if state.disk_free_s < SHORT_OF_DISK_S else ""
        fields.append((f"room for {roughly(state.disk_free_s)}", style))
    return fields


def _hand_fields(state: ViewState) -> list[Piece]:
    fields = [(f"♩ {state.tempo_bpm:.0f}", "")] if state.tempo_bpm else []
    if state.midi_ports or state.midi_age_s < MESSAGE_S:
        is_active = state.midi_age_s < MIDI_SEEN_S
        fields.append(("● MIDI", GOOD) if is_active else ("○ MIDI", DIM))
    if state.learning:
        fields.append((f"move a knob for {state.learning}", WARN))
    return fields


def control_line(state: ViewState, width: int) -> Text:
    """The control that + and - turn."""
    assert state.selected is not None
    name, control, value = state.selected
    share = (value - control.minimum) / ((control.maximum - control.minimum) or 1.0)
    if control.curve == "log" and value > 0.0:
        share = math.log(value / control.minimum) / math.log(control.maximum / control.minimum)
    n_cells = max(5, min(20, width - 50))
    shown = f" {share_bar(share, n_cells)} {control.shown(round(value, 4))} {control.unit}"
    return Text.assemble(("  ± ", DIM), (name, NAME), shown, ("   Tab: another one", DIM))


def message_lines(state: ViewState, width: int) -> list[Text]:
    """The last message, and how old it is."""
    is_new = state.message_age_s < NEW_S
    lines = [Text(line, NAME if is_new else "") for line in wrapped(state.message, width - 12)]
    if not is_new and lines:
        lines[-1].append(f"  {roughly(state.message_age_s)} ago", DIM)
    return lines


def wrapped(words: str, width: int) -> list[str]:
    """On as many lines as it needs, but not on more than a few."""
    lines = textwrap.wrap(words, max(width - 3, 12), max_lines=MOST_LINES, placeholder=" …")
    return [f"{'  ' if number else ''} {line}" for number, line in enumerate(lines)]


def flow(fields: Sequence[Piece], width: int) -> Iterable[Text]:
    """Fields one after the other, on as many lines as they need."""
    line = Text(" ")
    for text, style in fields:
        if line.cell_len + 2 + len(text) > width and line.cell_len > 1:
            yield line
            line = Text(" ")
        line.append(" " if line.cell_len > 1 else "").append("  " if line.cell_len > 1 else "")
        line.append(text, style)
    yield line
