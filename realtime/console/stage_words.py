"""What stands on the stage view, in words: a pure function of what the mirror knows."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from realtime.link_live import LiveFrame
from realtime.link_table import Table
from realtime.live_view_bars import clock, roughly
from realtime.live_view_lines import BUSY_LOAD, MESSAGE_S, SHORT_OF_DISK_S
from realtime.live_view_state import ViewState

MIDI_ALIVE_S = 1.5
"""Longer than from one state to the next, when nothing else has changed."""

OWN_ADDRESS = "console: http"
"""So begins what the terminal is told about this console."""


class Words(NamedTuple):
    """Texts by their place on the page; an empty one takes no room."""

    song_place: str
    song: str
    next_song: str
    preset_place: str
    preset: str
    next_preset: str
    note: str
    take: str
    """Length of the take, or what the button does."""
    disk: str
    latency: str
    load: str
    load_max: str
    late: str
    late_why: str
    xruns: str
    tempo: str
    a4: str
    midi: str
    problems: str
    message: str


def view_state(state: Mapping[str, Any], live: LiveFrame) -> ViewState:
    """As the engine has sent it; what is not known, or infinite, is at its default.

    Args:
        state: of the mirror; at least once a second.
        live: of the mirror, which knows earlier how long the take is.
    """
    known: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in state.items()
        if name in ViewState._fields and name != "selected" and value is not None
    }
    take_s = live.recording_s if live.recording_s >= 0.0 else None
    return ViewState(**known)._replace(recording_s=take_s)


def stage_words(state: ViewState, preset_number: int = 0, table: Table | None = None) -> Words:
    """All of it.

    Args:
        state: what is to be seen.
        preset_number: of the preset that plays, from 0.
        table: of the performance; None before anything is known.
    """
    is_recording = state.recording_s is not None
    n_presets = len(table.presets) if table else 0
    return Words(
        song_place=f"{state.song_number} / {state.n_songs}" if state.song_number else "",
        song=state.song,
        next_song=state.next_song,
        preset_place=f"{preset_number + 1} / {n_presets}" if n_presets > 1 else "",
        preset=state.preset,
        next_preset=state.next_preset,
        note=state.note,
        take=clock(state.recording_s or 0.0) if is_recording else "Record",
        disk=_disk(state),
        latency=f"{state.latency_ms:.1f} ms",
        load=f"{100 * state.load_p99:.0f} %",
        load_max=f"{100 * state.load_max:.0f} %",
        late=str(state.late_blocks),
        late_why=state.late_words if state.late_blocks else "",
        xruns=str(state.xruns),
        tempo=f"{state.tempo_bpm:.0f}" if state.tempo_bpm else "–",
        a4=f"{state.a4_hz:g} Hz",
        midi=_midi(state),
        problems=" · ".join(state.problems),
        message=_message(state),
    )


def stage_flags(state: ViewState) -> str:
    """Classes of the whole view: what its style makes visible."""
    flags = {
        "is-bypassed": state.is_bypassed,
        "is-recording": state.recording_s is not None,
        "is-short-of-disk": (state.disk_free_s or SHORT_OF_DISK_S) < SHORT_OF_DISK_S,
        "is-busy": state.load_p99 > BUSY_LOAD,
        "is-late": state.late_blocks > 0,
        "has-xruns": state.xruns > 0,
        "has-midi": state.midi_age_s < MIDI_ALIVE_S,
        "has-songs": state.n_songs > 0,
    }
    return " ".join(name for name, is_so in flags.items() if is_so)


def stage_colours(colour: str) -> str:
    """The preset's colour, and what can be read on it, as a style.

    >>> stage_colours("#ffe000")
    '--stage-colour: #ffe000; --stage-ink: #000000'
    """
    try:
        parts = [int(colour[place : place + 2], 16) / 255.0 for place in (1, 3, 5)]
    except ValueError:
        return "--stage-colour: var(--ch-raised); --stage-ink: var(--ch-text)"
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    ]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    is_light = (luminance + 0.05) / 0.05 > 1.05 / (luminance + 0.05)  # WCAG 2.1, contrast ratio
    return f"--stage-colour: {colour}; --stage-ink: {'#000000' if is_light else '#ffffff'}"


def _disk(state: ViewState) -> str:
    return "" if state.disk_free_s is None else f"room for {roughly(state.disk_free_s)}"


def _midi(state: ViewState) -> str:
    if not state.midi_ports:
        return "none"
    return f"{state.midi_ports} port{'s' if state.midi_ports > 1 else ''}"


def _message(state: ViewState) -> str:
    if state.learning:
        return f"Move a knob for {state.learning}"
    is_ours = state.message.startswith(OWN_ADDRESS)  # its token is not for the hall to read
    return "" if is_ours or state.message_age_s >= MESSAGE_S else state.message
