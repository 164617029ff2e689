"""The stage view as lines of text: a pure function of what is to be seen, and of the space.

What matters most is kept where there is little space: what went wrong, the preset, the note sung.
What a colour says is said in a word or sign too.
"""

import math
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from rich.text import Text

from realtime.live_view_bars import clock, level_bar, needle, roughly, share_bar
from realtime.live_view_held import NOTHING_HELD, Held
from realtime.live_view_help import help_lines
from realtime.live_view_state import ViewState

Piece = tuple[str, str]
"""Text and style."""

GOOD, BAD, WARN, DIM, NAME = "bold green", "bold red", "yellow", "dim", "bold"
PROBLEM = "bold white on red"
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
    rows = help_lines(height) if state.shows_help else []
    lines = rows or _fitting(list(_rows(state, max(width, 1), held)), height)
    for line in lines:
        line.truncate(max(width, 1), overflow="ellipsis")
    return lines


def _fitting(rows: list[Row], height: int) -> list[Text]:
    n_too_many = max(0, len(rows) - height)
    ranked = sorted(range(len(rows)), key=lambda place: (-rows[place].rank, -place))
    gone = set(ranked[:n_too_many])
    return [row.text for place, row in enumerate(rows) if place not in gone]


def _rows(state: ViewState, width: int, held: Held) -> Iterator[Row]:
    if state.n_songs or state.song:
        yield Row(3, song_line(state, width))
    yield Row(1, preset_line(state, width))
    for line in state.note.splitlines()[:MOST_NOTE_LINES]:
        yield Row(4, Text(f" {line}", style="italic"))
    yield Row(8, Text(""))
    yield Row(2, tuner_line(state, width, held))
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


def song_line(state: ViewState, width: int) -> Text:
    """Which song of how many, and the next one."""
    number = f"{state.song_number}/{state.n_songs}  " if state.song_number else ""
    left = Text.assemble((f" {number}", DIM), (state.song, NAME))
    return spread(left, coming(state.next_song), width)


def preset_line(state: ViewState, width: int) -> Text:
    """The preset on its colour, large, and what the pedal brings next."""
    left = Text.assemble(" ", (f" {state.preset.upper()} ", colour_style(state.colour)))
    if state.is_bypassed:
        left.append("  BYPASS", PROBLEM)
    return spread(left, coming(state.next_preset), width)


def coming(title: str) -> Text:
    """What comes next; nothing at the end."""
    return Text.assemble(("next ", DIM), title) if title else Text()


def tuner_line(state: ViewState, width: int, held: Held) -> Text:
    """Name of the note, a needle and cents; in tune is green, and has a tick."""
    n_cells = max(5, min(41, width - 26)) // 2 * 2 + 1
    note = held.note
    if not note.note:
        return Text.assemble(("  –    ", NAME), ("─" * n_cells, DIM))
    style = GOOD if note.is_in_tune else WARN
    tick = " ✓" if note.is_in_tune else ""
    return Text.assemble(
        (f"  {note.note:5}", f"{style} reverse" if note.is_in_tune else NAME),
        ("♭", DIM), (needle(note.cents, n_cells), style), ("♯", DIM),
        (f" {note.cents:+3.0f} ct{tick}", style),
    )  # fmt: skip


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


def spread(left: Text, right: Text, width: int) -> Text:
    """Two texts at both ends of a line; the right one gives way first, but keeps two fifths."""
    right.truncate(max(width * 2 // 5, width - left.cell_len - 3), overflow="ellipsis")
    room = width - right.cell_len - 2
    if room < 8 or not right.cell_len:
        return left
    left.truncate(room, overflow="ellipsis")
    left.append(" " * (width - left.cell_len - right.cell_len - 1))
    return left.append_text(right)


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


def colour_style(colour: str) -> str:
    """Bold on this colour, black or white, whichever can be read; reversed where there is none.

    >>> colour_style("#ffe000")
    'bold #000000 on #ffe000'
    """
    try:
        red, green, blue = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    except ValueError:
        return "bold reverse"
    is_light = 0.299 * red + 0.587 * green + 0.114 * blue > 140.0
    return f"bold {'#000000' if is_light else '#ffffff'} on {colour}"
