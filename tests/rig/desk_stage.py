"""A desk with nothing but a fake host behind it, and everything real before it.

OSC, MIDI with learning, the link, the console's own process: what a page shows can be asked for
to the bit, and hands that a test has none of (a MIDI controller) are played by bytes.
"""

import contextlib
import socket
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from desks import ECHO, a_desk, a_preset

from realtime.commands import COMMANDS
from realtime.controls import CONTROLS
from realtime.link_live import pack_live
from realtime.link_news import Sources
from realtime.link_server import LinkServer
from realtime.link_table import (
    About,
    EffectRow,
    PresetRow,
    SongRow,
    Table,
)
from realtime.live_view_state import ViewState
from realtime.mapping import MidiEntry
from realtime.meters import Meters, Sounding
from realtime.midi_learn import MidiLearner
from realtime.midi_router import MidiRouter
from realtime.osc import OscServer
from realtime.osc_packet import packet_of
from rig.console_alone import ROOT, console_alone

VOICES = ROOT / "presets" / "voices"


class Sung(NamedTuple):
    """What the engine hears and plays."""

    played_hz: float = 440.0
    loudness_db: float = -25.0
    is_singing: bool = True

    def packed(self) -> bytes:
        """As the link tells it."""
        meters = Meters(-12.0, -9.0, 440.0, 0.95, self.loudness_db, self.is_singing)
        harmonics = 0.1 / np.arange(1, 101, dtype=np.float32)
        sounding = Sounding(self.played_hz, harmonics, np.full(65, 0.003, np.float32))
        return pack_live(time.monotonic(), (-12.0, -9.0), meters, sounding, 0.2, -1.0)


SUNG = Sung()


class DeskStage:
    """What a test turns, and looks at."""

    def __init__(self, folder: Path) -> None:
        presets = [a_preset(name, **values) for name, values in PRESETS.items()]
        own = MidiEntry(cc=21, control="octave_shift")
        presets[0] = replace(presets[0], midi=(own,))
        self.desk, self.instrument, self.changes = a_desk(presets)
        self.router = MidiRouter(self.desk)
        self.learner = MidiLearner(self.desk, self.router, folder / "midi.yaml")
        self.n_ports = 1
        self.live = SUNG
        self.message = ""
        self.osc = OscServer(self.desk, ViewState, 0)
        sources = Sources(
            lambda: self._table().model_dump_json().encode(),
            self._state,
            lambda: self.instrument.control_values,
            lambda: self.live.packed(),
        )
        self.link = LinkServer(folder / "engine", self.desk, sources)
        self.link.answer("own", self._own)
        self.address = ""

    def value(self, name: str) -> float:
        """Where the engine has it."""
        return self.instrument.control_values[name]

    def send_osc(self, name: str, value: float) -> None:
        """As another program would."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            packet = packet_of(f"/chanterelle/{name}", (value,))
            sender.sendto(packet, ("127.0.0.1", self.osc.port))

    def send_midi(self, *messages: list[int]) -> None:
        """As a controller would."""
        for message in messages:
            self.router.on_message(message, "knobs")

    def _state(self) -> Mapping[str, Any]:
        state = ViewState(
            preset=self.instrument.presets[self.instrument.number].title,
            midi_ports=self.n_ports,
            learning=self.learner.waits_for,
            mapped=self.router.mapped,
            learned=self.learner.learned,
            message=self.message,
            message_age_s=0.5,
        )
        return state._replace(selected=None)._asdict() | {
            "preset_number": self.instrument.number,
            "effects_out": sorted(self.instrument.effects_out),
            "effect_order": dict(self.instrument.effect_order),
            "take": "",
        }

    def _own(self, _asked: Mapping[str, Any]) -> Mapping[str, Any]:
        number = self.instrument.number
        effects = {f"echo.{control.name}": control.default for control in ECHO}
        controls = {**self.instrument.presets[number].controls, **effects}
        return {"preset_number": number, "controls": controls, "effects_out": []}

    def _table(self) -> Table:
        echo = EffectRow(
            name="echo",
            kind="delay",
            side="output",
            parameters=tuple(ECHO),
        )
        presets = tuple(
            PresetRow(
                name=preset.name,
                title=preset.title,
                colour="",
                note="",
                path=str(preset.path),
                voice_dirs=(str(VOICES / preset.name),),
                effects=(echo,),
            )
            for preset in self.instrument.presets
        )
        flags = {"preset": ",".join(PRESETS), "input": "", "block_size": "128"}
        about = About(
            version="0", set_title="", sample_rate=48000, hop_size=128, n_outputs=1,
            card="no card", takes="takes", flags=flags,
        )  # fmt: skip
        return Table(
            controls=CONTROLS,
            commands=COMMANDS,
            presets=presets,
            songs=(SongRow(title="", note="", presets=tuple(PRESETS)),),
            about=about,
        )


PRESETS: dict[str, dict[str, float]] = {
    "violin": {},
    "cello": {
        "octave_shift": -1, "room_mix": 0.4, "input_gain_db": 6, "gate_db": -40, "scale": 3,
        "transpose_semitones": 2, "autotune": 0.5, "key": 4, "a4_hz": 442, "glide_s": 0.25,
        "drone_note": 48, "vibrato_depth": 0.5, "loudness_shift_db": 3, "harmonic_gain_db": -6,
        "noise_gain_db": -12, "dry_wet": 0.8, "output_gain_db": -3, "autotune_time_s": 0.2,
    },
}  # fmt: skip


@contextlib.contextmanager
def desk_stage(folder: Path) -> Iterator[DeskStage]:
    """With its console, until it is left."""
    stage = DeskStage(folder)
    more = {"CHANTERELLE_CONFIG": str(folder)}
    alone = console_alone(folder, ["--link", str(folder)], more)
    with stage.osc, stage.link, alone as (address, _):
        stage.address = address
        yield stage
