"""The command effect_order: from every hand, kept for a successor, in takes, and for plug-ins."""

import threading
from pathlib import Path

import numpy as np
import pytest
import slots
from desks import a_desk
from fakes import FakeCard
from plugins import fake_pedalboard
from test_host_effect_order import ECHO, LEVEL, LOW, host_of, sung

from ddsp_core.errors import ControlError
from realtime.desk import Change, Desk
from realtime.effects.kinds import check_effect
from realtime.errands import Errands
from realtime.host import Host
from realtime.keeper import Keeper, go_on
from realtime.osc_addresses import carry_out
from realtime.session import Session, Status
from realtime.set_list import SetList, Song
from realtime.set_position import SetPosition
from realtime.standing import StandingFile, new_file
from realtime.take_about import about_host
from realtime.take_reader import read_sound, read_take
from realtime.take_recorder import TakeRecorder
from realtime.take_render import Player, revoice


def test_the_desk_checks_at_once_and_tells_when_it_is_done() -> None:
    desk, instrument, changes = a_desk()
    desk.do("effect_order", "echo, hall", "keys")
    desk.errands.wait()
    assert instrument.asked == [("order_effects", "output: echo, hall")]
    assert changes == [Change("effect_order", "", "output: echo, hall", "keys")]
    with pytest.raises(ControlError, match="no effects"):
        desk.do("effect_order", "echo")
    carry_out(desk, "/chanterelle/effect_order", ["hall, echo"])
    desk.errands.wait()
    assert instrument.effect_order == {"output": "output: hall, echo"}


def test_errands_are_run_in_turn_and_the_newest_of_a_key() -> None:
    said: list[str] = []
    done: list[int] = []
    gate = threading.Event()
    errands = Errands(said.append)

    def fail() -> None:
        raise ControlError("row", "nothing", "something")

    errands.run("a", gate.wait)  # type: ignore[arg-type]
    for number in range(3):
        errands.run("b", lambda n=number: done.append(n))  # type: ignore[misc]
    errands.run("c", fail)
    gate.set()
    errands.wait()
    errands.run("b", lambda: done.append(9))
    errands.wait()
    assert done == [2, 9]
    assert said == ["row: nothing: something"]


def test_a_successor_plays_in_the_same_order() -> None:
    def performance() -> tuple[Host, Desk, SetPosition]:
        host = host_of(ECHO, LOW, before=(LEVEL,))
        desk = Desk(host)
        return host, desk, SetPosition(desk, SetList((Song("One", tuple(host.presets)),)))

    host, desk, position = performance()
    with new_file() as file:
        keeper = Keeper(StandingFile(file.fileno()), desk, position, lambda: "")
        desk.do("effect_order", "rumble, echo")
        desk.errands.wait()
        keeper.show(Status(0.0, 0.0, 0, 0, 0.0, ""))
        stood = StandingFile(file.fileno()).read()
    assert stood is not None
    assert stood.effect_order == ("input: level", "output: rumble, echo")
    successor, hands, place = performance()
    go_on(stood, hands, place)
    hands.errands.wait()
    assert successor.effect_order == host.effect_order


def test_a_take_is_played_again_in_the_same_orders(tmp_path: Path) -> None:
    host, sound = host_of(LEVEL, LOW, dry_wet=0.5), sung()
    acts = {100: "rumble, level", 300: "level, rumble"}

    class MovingCard(FakeCard):
        def open(self, on_block: object) -> None:
            for number, (block, flags) in enumerate(zip(self.blocks, self.flags, strict=True)):
                if number in acts:
                    host.order_effects(acts[number])
                self.played.append(on_block(block, flags))  # type: ignore[operator]

    exact = (np.round(sound * 2**23) / 2**23).astype(np.float32)
    blocks = [exact[i : i + 128].copy() for i in range(0, len(exact) - 128, 128)]
    about = about_host(host, lambda: host.latency_samples)
    tape = TakeRecorder(tmp_path, host.sample_rate, host.n_outputs, about=about)
    tape.start(wait=True)
    Session(host, MovingCard(blocks), tape).run(threading.Event())
    take = read_take(tape.folder)
    assert take.start.effect_order == ("output: level, rumble",)
    again = np.concatenate(list(revoice(take, Player(host_of(LEVEL, LOW, dry_wet=0.5), {}, True))))
    wet = read_sound(take, "wet")
    np.testing.assert_allclose(again, wet, atol=2.0**-23)
    still = Player(host_of(LEVEL, LOW, dry_wet=0.5), {}, True)
    differs = np.concatenate(list(revoice(take, still, as_played=False)))
    assert np.abs(differs - wet).max() > 1e-4


def test_a_plug_in_is_started_anew_as_it_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = fake_pedalboard(tmp_path, monkeypatch)
    line = {"kind": "plugin", "name": "loud", "file": file, "parameters": {"gain": 2.0}}
    plugin = check_effect(line, "effects.output[0]", tmp_path)
    engine = slots.engine_of(slots.FOLLOWER)
    host = Host([slots.slot(engine, after=[plugin, LOW])])
    try:
        latency = host.latency_samples
        host.set_control("loud.gain", 11.0)
        host.process(np.zeros(1280, np.float32))
        host.order_effects("rumble, loud")
        host.process(np.zeros(1280, np.float32))
        (old,), (new,) = host.slots[0].chains, host._done.rows.chains
        assert (new.values["loud.gain"], old.latency_samples) == (11.0, new.latency_samples)
        assert host.latency_samples == latency
        process_ids = [chain.effects[at].process_id for chain, at in ((old, 0), (new, 1))]
        assert process_ids[0] != process_ids[1]
        assert not host.problem
    finally:
        host.close()
