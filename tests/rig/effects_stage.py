"""A real host that nobody plays, with effects, behind a real console: what its pages show is so."""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import slots

from realtime.controls import Control
from realtime.desk import Desk
from realtime.effects.delay import DELAY
from realtime.effects.kinds import KINDS
from realtime.effects.own import OwnEffect
from realtime.effects.spec import EffectSpec
from realtime.host import Host
from realtime.link_live import LiveFrame, pack_live
from realtime.link_news import Sources
from realtime.link_server import LinkServer
from realtime.link_table import describe
from realtime.live_view_state import ViewState
from rig.console_alone import console_alone

MANY = tuple(
    Control(f"{band}_{what}", 0, 1, 0.5, "", 0.0, "of a plug-in")
    for band in ("low", "mid", "high", "air")
    for what in (f"{word}_{number}" for word in ("gain", "width") for number in range(1, 9))
)


class EffectsStage:
    """What a test looks at, and turns.

    Args:
        folder: of the link.
    """

    def __init__(self, folder: Path) -> None:
        engine = slots.engine_of(slots.FOLLOWER)
        first = slots.slot(
            engine,
            name="many",
            before=[EffectSpec("gate", "gate"), EffectSpec("high_pass", "rumble")],
            after=[
                EffectSpec("delay", "echo", values={"mix": 0.25}),
                EffectSpec("chorus", "chorus"),
                EffectSpec("compressor", "level", is_bypassed=True),
            ],
        )
        others = [
            slots.slot(engine, name="plain"),
            slots.slot(engine, name="plugged", after=[_plugged(), EffectSpec("limiter", "top")]),
        ]
        self.host = Host([first, *others])
        self.desk = Desk(self.host)
        self.problems: tuple[str, ...] = ()
        self.address = ""
        about: Any = SimpleNamespace(
            host=self.host,
            set_list=SimpleNamespace(title="", songs=()),
            card=SimpleNamespace(description="none"),
            takes_folder=folder,
            wishes=SimpleNamespace(flags={}),
        )
        sources = Sources(
            lambda: describe(about).model_dump_json().encode(),
            self._state,
            lambda: self.host.control_values,
            lambda: pack_live(LiveFrame()),
        )
        self.link = LinkServer(folder / "engine", self.desk, sources)

    def play(self, n_hops: int = 60) -> None:
        """What is wanted takes effect."""
        self.host.process(np.zeros(n_hops * self.host.hop_size, np.float32))

    def order(self, side: str = "output") -> str:
        """As the host has it."""
        return self.host.effect_order[side].partition(": ")[2]

    def _state(self) -> dict[str, Any]:
        state = ViewState(problems=self.problems)._replace(selected=None)._asdict()
        return state | {
            "preset_number": self.host.number,
            "effects_out": sorted(self.host.effects_out),
            "effect_order": dict(self.host.effect_order),
            "take": "",
        }


def _plugged() -> Any:
    """As many parameters as a plug-in has."""
    spec = EffectSpec("delay", "dream")
    made = KINDS["delay"].make(spec, slots.FOLLOWER.config.sample_rate, 1)
    assert isinstance(made, OwnEffect)
    made.kind, made.parameters = "plugin", (*DELAY.parameters[-1:], *MANY)
    return made


@contextlib.contextmanager
def effects_stage(folder: Path) -> Iterator[EffectsStage]:
    """With its console, until it is left."""
    stage = EffectsStage(folder)
    more = {"CHANTERELLE_CONFIG": str(folder)}
    alone = console_alone(folder, ["--link", str(folder)], more)
    with stage.link, alone as (address, _):
        stage.address = address
        yield stage
