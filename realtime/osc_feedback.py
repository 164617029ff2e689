"""What OSC's subscribers are sent: where all stands, the place in the set list, the meters."""

from collections.abc import Iterator

from realtime.desk import Desk
from realtime.live_view_state import ViewState
from realtime.live_view_tuner import tuned
from realtime.osc_addresses import ROOT, address_of
from realtime.osc_news import Values
from realtime.osc_packet import Value

PLACE = ("song", "next_song", "song_number", "n_songs", "preset", "next_preset", "colour", "note")
"""Fields of `ViewState`, at /chanterelle/set/."""


def everything(desk: Desk, state: ViewState) -> Iterator[tuple[str, Values]]:
    """Where all stands: for a new subscriber."""
    instrument = desk.instrument
    for name, value in dict(instrument.control_values).items():
        yield address_of(name), (value,)
    number = instrument.number
    yield address_of("preset"), (instrument.presets[number].name, float(number + 1))
    yield address_of("bypass"), (float(instrument.is_bypassed),)
    yield address_of("record"), (float(state.recording_s is not None),)
    yield from place(state)


def place(state: ViewState) -> list[tuple[str, Values]]:
    """Where in the set list."""
    return [(f"{ROOT}/set/{name}", (getattr(state, name),)) for name in (*PLACE, "tempo_bpm")]


def meters(state: ViewState) -> Iterator[tuple[str, Values]]:
    """What moves all the time."""
    note = tuned(state.f0_hz if state.is_singing else 0.0, state.a4_hz)
    values: dict[str, Value] = {
        "input_db": state.input_peak_db,
        "output_db": state.output_peak_db,
        "loudness_db": state.loudness_db,
        "f0_hz": state.f0_hz if note.note else 0.0,
        "note": note.note,
        "cents": note.cents,
        "load": state.load_mean,
        "load_p99": state.load_p99,
        "load_max": state.load_max,
        "late": state.late_blocks,
        "xruns": state.xruns,
        "latency_ms": state.latency_ms,
        "recording_s": state.recording_s or 0.0,
    }
    return ((f"{ROOT}/meters/{name}", (value,)) for name, value in values.items())
