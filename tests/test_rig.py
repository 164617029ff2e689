"""The rig itself, with the simplest program between microphone and speaker."""

import signal
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import signals
from rig.delay import click_lags, click_train, correlation_lag
from rig.jack_rig import JackRig
from rig.server import JackServer
from rig.transport import RigError

pytestmark = pytest.mark.jack

RATE = 48000
PASSTHROUGH = [sys.executable, str(Path(__file__).parent / "rig" / "passthrough.py")]


def test_in_freewheel_mode_what_goes_in_comes_out_bit_by_bit_without_delay() -> None:
    mic = signals.noise(5.0, RATE)
    with JackRig(mode="freewheel") as rig:
        rig.start(PASSTHROUGH)
        rig.connect()
        recording = rig.run(mic, tail_s=0.5)
        assert rig.stop_program() == 0
    np.testing.assert_array_equal(recording.left[: len(mic)], mic)
    np.testing.assert_array_equal(recording.right, recording.left)
    assert not recording.left[len(mic) :].any()
    assert recording.n_lost == 0


def test_a_second_recording_of_the_same_program_is_as_good() -> None:
    with JackRig(mode="freewheel") as rig:
        rig.start(PASSTHROUGH)
        rig.connect()
        for seed in (1, 2):
            mic = signals.noise(0.5, RATE, seed=seed)
            np.testing.assert_array_equal(rig.run(mic, tail_s=0.0).left, mic)


@pytest.mark.parametrize(("period", "rate"), [(64, 48000), (128, 44100), (1024, 48000)])
def test_the_delay_of_clicks_is_measured_exactly(period: int, rate: int) -> None:
    mic = click_train(3.0, rate)
    with JackRig(period, rate, "freewheel") as rig:
        rig.start([*PASSTHROUGH, "777"])
        rig.connect()
        recording = rig.run(mic)
    assert click_lags(mic, recording.left) == [777] * np.count_nonzero(mic)


def test_in_sync_mode_nothing_is_lost_and_the_programs_own_time_is_measured() -> None:
    mic = signals.noise(1.0, RATE)
    with JackRig(128, RATE, "sync") as rig:
        rig.start([*PASSTHROUGH, "0", "1"])
        rig.connect()
        recording = rig.run(mic)
    np.testing.assert_array_equal(recording.left[: len(mic)], mic)
    assert len(recording.turnaround_us) == len(recording.left) // 128 + 1
    assert recording.turnaround_us.min() >= 1000
    assert np.median(recording.turnaround_us) < 2000
    assert np.median(np.diff(recording.played_at_us)) == pytest.approx(1e6 * 128 / RATE, rel=0.05)


def test_a_program_that_ends_by_itself_is_noticed() -> None:
    with JackRig() as rig:
        rig.start([sys.executable, "-c", "raise SystemExit('went wrong')"])
        with pytest.raises(RigError, match="ended with 1: went wrong"):
            rig.connect()


def test_a_program_is_ended_by_a_signal() -> None:
    with JackRig() as rig:
        rig.start([sys.executable, "-c", "import time; time.sleep(60)"])
        assert rig.stop_program(signal.SIGTERM) == -signal.SIGTERM


def test_a_program_that_was_killed_does_not_hold_the_rig_up() -> None:
    with JackRig() as rig:
        rig.start(PASSTHROUGH)
        rig.connect()
        rig.run(signals.noise(0.1, RATE))
        assert rig.stop_program(signal.SIGKILL) == -signal.SIGKILL
        started_s = time.monotonic()
    assert time.monotonic() - started_s < 5.0


def test_after_a_server_was_killed_its_name_can_be_used_again() -> None:
    with JackRig() as rig:
        name = rig.server.name
        rig.kill_server()
    with JackRig(mode="freewheel") as rig:
        assert rig.server.name == name
        rig.start(PASSTHROUGH)
        rig.connect()
        mic = signals.noise(0.2, RATE)
        np.testing.assert_array_equal(rig.run(mic, tail_s=0.0).left, mic)
    assert not list(Path("/dev/shm").glob(f"jack*_{name}_*"))


def test_two_rigs_at_once_have_servers_of_their_own() -> None:
    first, second = JackServer(128, RATE, sync=True), JackServer(128, RATE, sync=True)
    try:
        assert first.name != second.name
    finally:
        first.stop()
        second.stop()


def test_a_copy_is_found_below_another_sound_of_the_same_pitch() -> None:
    played = signals.rich_tone(220.0, 2.0, RATE) + signals.noise(2.0, RATE, rms=0.001)
    other = signals.rich_tone(220.0, 2.0, RATE, n_harmonics=7)
    recorded = np.roll(other, 900) + 0.5 * np.roll(played, 512)
    assert correlation_lag(played, recorded, longest=RATE // 5) == 512
