"""The head of the stage view: song, preset and tuner, large where there is space."""

from rich.text import Text

from realtime.live_view_bars import needle
from realtime.live_view_big import N_LINES, big
from realtime.live_view_state import ViewState
from realtime.live_view_tuner import Tuned

GOOD, BAD, WARN, DIM, NAME = "bold green", "bold red", "yellow", "dim", "bold"
PROBLEM = "bold white on red"

NOTE_COLUMNS = 13
"""Of a note in large letters: `C#4`."""

BYPASS = "BYPASS"


def song_line(state: ViewState, width: int) -> Text:
    """Which song of how many, and the next one."""
    number = f"{state.song_number}/{state.n_songs}  " if state.song_number else ""
    left = Text.assemble((f" {number}", DIM), (state.song, NAME))
    return spread(left, coming(state.next_song), width)


def preset_lines(state: ViewState, width: int, is_big: bool) -> list[Text]:
    """The preset on its colour, and what the pedal brings next."""
    style = colour_style(state.colour)
    large = big(state.preset) if is_big else None
    columns = max(len(line) for line in large) if large else width
    coming_next = coming(state.next_preset)
    if large is None or columns + 4 > width:
        large, columns = [state.preset.upper()], len(state.preset)
    lines = [Text.assemble(" ", (f" {line:{columns}} ", style)) for line in large]
    if state.is_bypassed:
        lines[len(lines) // 2].append("  ").append(BYPASS, PROBLEM)
    if columns + coming_next.cell_len + 8 > width and len(lines) == N_LINES:
        return [*lines, spread(Text(), coming_next, width)] if coming_next.cell_len else lines
    lines[-1] = spread(lines[-1], coming_next, width)
    return lines


def coming(title: str) -> Text:
    """What comes next; nothing at the end."""
    return Text.assemble(("next ", DIM), title) if title else Text()


def tuner_lines(note: Tuned, width: int, is_big: bool) -> list[Text]:
    """Name of the note, a needle and cents; in tune is green, and has a tick."""
    style = GOOD if note.is_in_tune else WARN if note.note else DIM
    cents = f"{note.cents:+3.0f} ct{' ✓' if note.is_in_tune else ''}" if note.note else ""
    n_cells = max(5, min(51 if is_big else 41, width - 26)) // 2 * 2 + 1
    hand = needle(note.cents, n_cells) if note.note else "─" * n_cells
    scale = Text.assemble(("♭", DIM), (hand, style), ("♯", DIM))
    large = (big(note.note) if note.note else [""] * N_LINES) if is_big else None
    if large is None:
        name = (f"  {note.note or '–':5}", f"{style} reverse" if note.is_in_tune else NAME)
        return [Text.assemble(name, scale, (f" {cents}", style))]
    lines = [Text.assemble((f"  {line:{NOTE_COLUMNS}}", style)) for line in large]
    lines[1].append_text(scale)
    lines[2].append(f"{cents:^{n_cells + 2}}".rstrip(), style)
    return lines


def spread(left: Text, right: Text, width: int) -> Text:
    """Two texts at both ends of a line; the right one gives way first, but keeps two fifths."""
    right.truncate(max(width * 2 // 5, width - left.cell_len - 3), overflow="ellipsis")
    room = width - right.cell_len - 2
    if room < 8 or not right.cell_len:
        return left
    left.truncate(room, overflow="ellipsis")
    left.append(" " * (width - left.cell_len - right.cell_len - 1))
    return left.append_text(right)


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
