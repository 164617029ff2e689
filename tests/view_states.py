"""A performance as the stage view sees it, and what it draws of it."""

from rich.text import Text

from realtime.controls import find_control
from realtime.live_view_held import Held, Holding
from realtime.live_view_lines import view_lines
from realtime.live_view_state import Turned, ViewState

STATE = ViewState(
    song="Solveig's Song",
    next_song="Habanera",
    song_number=2,
    n_songs=7,
    preset="Hall violin",
    next_preset="Cello",
    colour="#b5442e",
    note="con sordino",
    tempo_bpm=92.0,
    input_peak_db=-18.0,
    output_peak_db=-12.0,
    f0_hz=441.0,
    is_singing=True,
    load_mean=0.09,
    load_p99=0.15,
    load_max=0.4,
    late_blocks=3,
    late_words="3 late blocks: the computer held the instrument up",
    xruns=2,
    latency_ms=21.3,
    recording_s=192.0,
    disk_free_s=20000.0,
    midi_age_s=0.1,
    midi_ports=1,
    selected=Turned("room_mix", find_control("room_mix"), 0.4),
    problems=("MIDI: nanoKONTROL is gone, waiting for it",),
    message="take 3 begins",
    message_age_s=4.0,
)


def drawn(state: ViewState, width: int = 80, height: int = 24) -> str:
    lines = view_lines(state, width, Holding().look(state, 0.0), height)
    return "\n".join(line.plain for line in lines)


def line_with(state: ViewState, words: str, held: Held | None = None) -> Text:
    lines = view_lines(state, 80, held or Holding().look(state, 0.0))
    (line,) = (line for line in lines if words in line.plain)
    return line


def style_of(line: Text, words: str) -> str:
    place = line.plain.index(words)
    return " ".join(str(span.style) for span in line.spans if span.start <= place < span.end)
