"""Overload: the dearest effects first, one at a time, and back again when there is room."""

import numpy as np
import signals
import slots
import voices

from realtime.host import Host
from realtime.host_overload import BACK_AFTER_S, NEXT_AFTER_S, Overload, Relief

RATE = voices.SAMPLE_RATE
BLOCK = 128
BLOCK_S = BLOCK / RATE


class FakeStage:
    def __init__(self) -> None:
        self.left_out: list[str] = []
        self.names = ["room", "delay", "tails"]

    def relieve(self) -> str:
        n = len(self.left_out)
        self.left_out += self.names[n : n + 1]
        return self.left_out[-1] if n < len(self.names) else ""

    def restore(self) -> None:
        self.left_out.pop()


def verdicts(overload: Overload, loads: list[float]) -> dict[int, str]:
    """What is said, by the number of the block."""
    said = (overload.note(load * BLOCK_S, BLOCK) for load in loads)
    return {number: verdict for number, verdict in enumerate(said) if verdict}


def test_one_slow_block_is_no_overload() -> None:
    loads = [0.3] * 5000
    for at in range(100, 5000, 100):
        loads[at : at + 3] = [1.5] * 3
    assert "relieve" not in verdicts(Overload(RATE), loads).values()


def test_a_habit_is_one_effect_every_fifth_of_a_second() -> None:
    found = verdicts(Overload(RATE), [0.3] * 100 + [0.95] * 400)
    assert set(found.values()) == {"relieve"}
    first, second, third, *_ = found
    assert first == 103
    apart = NEXT_AFTER_S * RATE / BLOCK
    assert second - first == third - second == int(apart) + 1


def test_blocks_in_between_without_work_hide_nothing() -> None:
    assert verdicts(Overload(RATE), [0.0, 0.95] * 40)


def test_what_was_left_out_comes_back_by_and_by() -> None:
    stage = FakeStage()
    relief = Relief(stage, RATE)
    for load, n_blocks, expected in (
        (0.95, 140, ["room", "delay"]),
        (0.6, 4000, ["room", "delay"]),
        (0.3, int(BACK_AFTER_S * RATE / BLOCK) + 20, ["room"]),
        (0.3, int(BACK_AFTER_S * RATE / BLOCK) + 2, []),
        (0.3, 10_000, []),
    ):
        for _ in range(n_blocks):
            relief.note(load * BLOCK_S, BLOCK)
        assert stage.left_out == expected == list(relief.names)


def test_what_came_back_too_early_waits_longer_the_next_time() -> None:
    loads = [0.95] * 4 + [0.1] * 1400 + [0.95] * 4 + [0.1] * 3000
    found = verdicts(Overload(RATE), loads)
    first, back, again, later = found
    assert list(found.values()) == ["relieve", "restore", "relieve", "restore"]
    assert later - again > 1.9 * (back - first)


def test_when_nothing_is_left_to_leave_out_it_goes_on() -> None:
    stage = FakeStage()
    relief = Relief(stage, RATE)
    for _ in range(2000):
        relief.note(1.2 * BLOCK_S, BLOCK)
    assert relief.names == ("room", "delay", "tails")
    assert relief.problem == "overload: room, delay, tails left out"


def test_a_host_in_trouble_leaves_an_effect_out_says_so_and_takes_it_back() -> None:
    computed_s = cost_s = 0.0
    share = 0.9

    class Dear(slots.FakeEffect):
        is_expensive = True

        def process(self, block: np.ndarray) -> np.ndarray:
            nonlocal cost_s
            cost_s += share * BLOCK_S
            return 0.5 * block

    def clock() -> float:
        nonlocal computed_s, cost_s
        computed_s, cost_s = computed_s + cost_s, 0.0
        return computed_s

    slot = slots.slot(slots.engine_of(slots.FOLLOWER), after=[Dear("reverb")])
    host = Host([slot], block_size=BLOCK, cpu_clock=clock)
    sung = signals.rich_tone(330.0, 1.0, RATE, peak=0.3)
    slots.play(host, sung[:4800])
    assert host.problem == ""  # nobody has said that there is a deadline
    host.go_live()
    slots.play(host, sung[4800:14400])
    assert host.problem == "overload: reverb left out"
    share = 0.2
    slots.play(host, np.zeros(int((BACK_AFTER_S + 0.4) * RATE), np.float32))
    assert host.problem == ""
