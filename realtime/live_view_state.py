"""What the stage view shows, gathered in one value: for the terminal, and for OSC's subscribers.

Whoever wires a performance together fills it; drawing it is a pure function of it.
"""

import math
from collections.abc import Mapping
from typing import NamedTuple, Protocol

from realtime.controls import Control
from realtime.session_partners import Status

NOTHING_DB = -100.0
NEVER_S = math.inf


class Turned(NamedTuple):
    """The control that the keys + and - turn, and where it stands."""

    name: str
    """Full name: `room_mix`, or `echo.mix` for an effect's parameter."""
    control: Control
    value: float


class ViewState(NamedTuple):
    """Everything that a performer may want to see. What is not known stays at its default."""

    # Where in the set
    song: str = ""
    """Title of the song that is played; empty: there is no set list."""
    next_song: str = ""
    """Title of the song after it; empty at the end."""
    song_number: int = 0
    """From 1; 0: there is no set list."""
    n_songs: int = 0
    """In the set list."""
    preset: str = ""
    """Title (or name) of the preset that plays."""
    next_preset: str = ""
    """What the command next_preset would bring; empty: nothing."""
    colour: str = ""
    """Of the preset, as "#b5442e"; empty: none."""
    note: str = ""
    """The song's note, or the preset's: what the performer wrote to be reminded of."""
    tempo_bpm: float = 0.0
    """Beats a minute; 0: nobody has said."""

    # What is sung and heard
    input_peak_db: float = NOTHING_DB
    """dBFS, of the last hop or (better) the loudest since the last look."""
    output_peak_db: float = NOTHING_DB
    """Likewise, of what goes to the speakers."""
    loudness_db: float = NOTHING_DB
    """A-weighted, of the microphone."""
    f0_hz: float = 0.0
    """What is sung, before octaves and tuning; 0: nothing."""
    is_singing: bool = False
    """The gate is open."""
    a4_hz: float = 440.0
    """To which the tuner refers: the control `a4_hz`."""
    is_bypassed: bool = False
    """The microphone goes out as it is."""

    # How the computer copes
    load_mean: float = 0.0
    """Computing time over block length, since the counters were reset, as is load_max."""
    load_p99: float = 0.0
    """Of the last seconds."""
    load_max: float = 0.0
    """The worst; 1 and more was too late."""
    late_blocks: int = 0
    """Since the counters were reset."""
    late_words: str = ""
    """Why they were late; empty if none was."""
    xruns: int = 0
    """Losses that the card reported, since the counters were reset."""
    latency_ms: float = 0.0
    """Microphone to speaker."""

    # The take
    recording_s: float | None = None
    """Length of the take that is being recorded; None: nothing is."""
    disk_free_s: float | None = None
    """How much longer the disk would take it; None: nobody has looked."""

    # Hands
    midi_age_s: float = NEVER_S
    """Seconds since the last MIDI message; infinite: there was none."""
    midi_ports: int = 0
    """How many inputs are open."""
    selected: Turned | None = None
    """What + and - turn."""
    learning: str = ""
    """The control that waits for a knob to move; empty: none."""
    mapped: Mapping[str, str] = {}
    """Control or command to what moves it: `cc 20, channel 1`."""
    learned: tuple[str, ...] = ()
    """Controls and commands whose knobs were learned."""

    # Words
    problems: tuple[str, ...] = ()
    """What is wrong now, the worst first."""
    message: str = ""
    """The last one for the performer."""
    message_age_s: float = NEVER_S
    """Seconds since it was said."""
    shows_help: bool = False
    """The page of keys instead of the stage."""


class Readings(Protocol):
    """The engine's meters, of its last hop."""

    @property
    def input_peak_db(self) -> float: ...  # noqa: D102 (the names say it)
    @property
    def output_peak_db(self) -> float: ...  # noqa: D102
    @property
    def f0_hz(self) -> float: ...  # noqa: D102
    @property
    def loudness_db(self) -> float: ...  # noqa: D102
    @property
    def gate_open(self) -> bool: ...  # noqa: D102


def state_of(status: Status, meters: Readings, preset: str = "") -> ViewState:
    """What session and engine alone can tell; the rest is for whoever knows more to `_replace`."""
    return ViewState(
        preset=preset,
        input_peak_db=meters.input_peak_db,
        output_peak_db=meters.output_peak_db,
        loudness_db=meters.loudness_db,
        f0_hz=meters.f0_hz,
        is_singing=meters.gate_open,
        load_mean=status.load_mean,
        load_p99=status.load_p99,
        load_max=status.load_max,
        late_blocks=status.late_blocks,
        late_words=status.late_words,
        xruns=status.xruns,
        latency_ms=status.latency_ms,
        problems=(status.problem,) if status.problem else (),
    )
