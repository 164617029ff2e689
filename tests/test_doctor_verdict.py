"""The doctor's verdict and advice on made-up machines."""

from dataclasses import replace

import pytest
from machines import RATE, laptop, load, trial

from realtime.doctor_advice import advise
from realtime.doctor_findings import (
    BLOCK_SIZES,
    HUNG,
    Busy,
    Cards,
    Findings,
    Others,
    Permissions,
    Watch,
)
from realtime.doctor_verdict import (
    is_hung,
    late_a_minute,
    reach_verdict,
    standstills_a_minute,
)


def states(findings: Findings) -> dict[int, str]:
    return {size.block_size: size.state for size in reach_verdict(findings).sizes}


def advice(findings: Findings) -> list[str]:
    return advise(findings, reach_verdict(findings))


def watched(*standstills_ms: float, core_seconds: float = 60.0) -> Watch:
    longest_ms = max(standstills_ms, default=0.0)
    return Watch(core_seconds, True, 0.05, 0.2, longest_ms, standstills_ms)


def test_a_fast_laptop_plays_the_smallest_block_and_has_nothing_to_change() -> None:
    verdict = reach_verdict(laptop())
    assert verdict.safe_block_size == verdict.best_block_size == 32
    # The engine's 5 ms, and what the card says, which is more than two blocks.
    assert verdict.latency_ms == pytest.approx(5.0 + 2500 * 32 / RATE)
    assert advice(laptop()) == []


def test_the_cards_delay_is_two_blocks_where_it_tells_less_or_nonsense() -> None:
    findings = laptop()
    for said_ms in (None, 0.1):
        trials = tuple(trial(size, latency_ms=said_ms) for size in BLOCK_SIZES)
        findings.cards = replace(findings.cards, trials=trials)
        assert reach_verdict(findings).latency_ms == pytest.approx(5.0 + 2000 * 32 / RATE)


def test_a_card_with_two_blocks_ready_bears_more_and_answers_later() -> None:
    findings = laptop()
    findings.watch = watched(*[3.0] * 20)
    assert reach_verdict(findings).safe_block_size == 256
    trials = tuple(trial(size, latency_ms=None) for size in BLOCK_SIZES)
    findings.cards = replace(findings.cards, blocks_ready=2, trials=trials)
    verdict = reach_verdict(findings)
    assert verdict.safe_block_size == 128
    assert verdict.latency_ms == pytest.approx(5.0 + 3000 * 128 / RATE)


def test_own_computing_must_leave_room() -> None:
    findings = laptop()
    findings.loads = [load(size, own_p999_ms=1.0) for size in BLOCK_SIZES]
    assert states(findings)[32] == states(findings)[64] == "too slow"  # 1.0 of 0.67, of 1.33
    assert reach_verdict(findings).safe_block_size == 128


def test_an_overloaded_machine_has_no_safe_size() -> None:
    findings = laptop()
    findings.loads = [load(size, own_p999_ms=12.0, late_own=900) for size in BLOCK_SIZES]
    findings.computer = replace(findings.computer, governor="powersave", on_battery=True)
    findings.others = Others((Busy(7, "browser", 0.95), Busy(8, "mail", 0.1)), 1.1, 0.0)
    verdict = reach_verdict(findings)
    assert verdict.safe_block_size is verdict.best_block_size is verdict.latency_ms is None
    charger, speed, voice, close = advice(findings)
    assert "charger" in charger
    assert "powersave" in speed
    assert "smaller voice" in voice
    assert close.startswith("Close browser (process 7): it kept 95 %")


def test_a_stalling_virtual_machine_needs_larger_blocks() -> None:
    findings = laptop()
    findings.computer = replace(findings.computer, is_virtual=True)
    findings.watch = watched(*[3.0] * 20)
    assert list(states(findings).values()) == ["breaks"] * 3 + ["safe"] * 2
    assert "Play on a real computer" in advice(findings)[0]
    assert "3.0 ms" in advice(findings)[0]
    findings.watch = watched(*[30.0] * 20)
    verdict = reach_verdict(findings)
    assert (verdict.safe_block_size, verdict.best_block_size) == (None, 32)


def test_without_rights_the_hint_comes_before_others_and_the_host_is_not_blamed() -> None:
    findings = laptop()
    lines = ("no real-time priority: join a group", "memory cannot be locked: the same group")
    findings.permissions = Permissions(0, 8192, lines)
    findings.computer = replace(findings.computer, is_virtual=True)
    findings.others = Others((Busy(7, "browser", 0.95),), 1.0, 0.0)
    findings.watch = replace(watched(*[3.0] * 20), is_realtime=False)
    assert reach_verdict(findings).safe_block_size == 256
    rights, close, memory = advice(findings)
    assert rights == "No real-time priority: join a group."
    assert close.startswith("Close browser")
    assert memory == "Memory cannot be locked: the same group."
    findings.permissions = Permissions(95, 8192, lines[1:])
    assert advice(findings) == [close, memory]


def test_a_real_machine_that_stands_still_with_all_rights_is_told_so() -> None:
    findings = laptop()
    findings.watch = watched(*[8.0] * 20)
    assert "firmware" in advice(findings)[0]


def test_without_a_card_the_engine_alone_is_judged() -> None:
    findings = laptop()
    findings.cards = Cards((), "", "", "", (), None, False, 1, (), "sound card: no input found")
    assert reach_verdict(findings).safe_block_size == 32
    assert advice(findings)[0].startswith("Plug in a sound card")
    findings.cards = replace(findings.cards, problem="PortAudio: not found: on Debian: apt-get")
    assert advice(findings)[0] == "PortAudio: not found: on Debian: apt-get."


def test_a_size_that_the_card_refuses_or_loses_sound_with_is_not_safe() -> None:
    findings = laptop()
    trials = [trial(size) for size in BLOCK_SIZES]
    trials[0] = trial(32, problem="does not open", block_sizes=())
    trials[1] = trial(64, xruns=2)
    trials[2] = trial(128, xruns=1)
    findings.cards = replace(findings.cards, trials=tuple(trials))
    assert list(states(findings).values()) == ["refused", "breaks", "safe", "safe", "safe"]
    assert advice(findings) == []


def test_a_card_that_fails_at_every_size_is_the_first_thing_to_change() -> None:
    findings = laptop()
    trials = tuple(trial(size, problem="Device unavailable") for size in BLOCK_SIZES)
    findings.cards = replace(findings.cards, trials=trials)
    assert reach_verdict(findings).safe_block_size is None
    assert "Device unavailable" in advice(findings)[0]
    assert not is_hung(findings.cards)
    findings.cards = replace(findings.cards, trials=(trial(32, problem=HUNG),))
    assert is_hung(findings.cards)
    assert not is_hung(None)


def test_jack_is_to_be_started_with_the_safe_size() -> None:
    findings = laptop()
    own = trial(0, block_sizes=(256,))
    findings.cards = replace(findings.cards, host_api="JACK Audio Connection Kit", trials=(own,))
    assert "blocks of 32 (-p 32): it has 256, it would answer sooner" in advice(findings)[0]
    findings.loads = [load(size, own_p999_ms=4.0) for size in BLOCK_SIZES]
    assert "blocks of 512 (-p 512): it has 256, it loses sound" in advice(findings)[0]


@pytest.mark.parametrize(
    ("part", "facts", "said"),
    [
        ("cards", {"may_feed_back": True}, "headphones"),
        ("cards", {"rate_hz": 44_100}, "Set the sound card to 48000 Hz"),
        ("computer", {"free_gb": 0.1}, "memory is short"),
        ("computer", {"swapped_gb": 2.0}, "memory is short"),
        ("disk", {"problem": "cannot be written (No space left on device)"}, "another folder"),
        ("disk", {"slowest_piece_ms": 2500.0}, "this one took 2.5 s"),
        ("disk", {"free_hours": 0.5}, "30 minutes"),
        ("others", {"core_share": 0.8}, "together they kept 80 %"),
        ("midi", {"problem": "no MIDI system answers"}, "Only for knobs"),
    ],
)
def test_each_fault_has_its_advice(part: str, facts: dict[str, object], said: str) -> None:
    findings = laptop()
    setattr(findings, part, replace(getattr(findings, part), **facts))
    (line,) = advice(findings)
    assert said in line
    assert line[0].isupper()
    assert line.endswith(".")


def test_a_standstill_breaks_sound_only_as_far_as_it_passes_the_slack() -> None:
    row = load(128, own_p999_ms=2.667 - 1.0)  # 1 ms of slack in a block of 2.667 ms
    assert standstills_a_minute(row, watched(0.9)) == 0.0
    half = watched(1.0 + 2.667 / 2)
    assert standstills_a_minute(row, half) == pytest.approx(0.5, abs=0.001)
    assert standstills_a_minute(row, watched(50.0)) == pytest.approx(1.0)
    assert standstills_a_minute(row, None) == 0.0
    assert standstills_a_minute(row, half, n_ready=2) == 0.0
    assert standstills_a_minute(row, watched(50.0, core_seconds=20.0)) == pytest.approx(3.0)


def test_late_blocks_that_no_standstill_explains_count_by_the_time_they_were_seen_in() -> None:
    row = load(128, late_own=1, late_others=1, late_machine=5)
    seconds = 1000 * 128 / RATE
    assert late_a_minute(row) == pytest.approx(60 * 2 / seconds)


def test_nothing_measured_nothing_promised() -> None:
    findings = Findings("violin")
    assert reach_verdict(findings).safe_block_size is None
    assert advice(findings) == []
