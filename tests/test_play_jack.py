"""The real `chanterelle play` on a real sound server: what a performer would hear, and when."""

import json
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import soundfile
from rig.delay import click_lags, click_train, correlation_lag
from rig.jack_rig import JackRig

from ddsp_core.checkpoint import load_voice
from realtime.engine import Engine
from realtime.preset import load_preset
from realtime.resampled import Resampled

pytestmark = pytest.mark.jack

RATE = 48000
PERIOD = 128
CLIP = Path(__file__).parent / "clips" / "nit_song070_004.flac"
CHANTERELLE = [sys.executable, "-m", "realtime.cli"]
PLAY = [*CHANTERELLE, "play", "--input", "microphone", "--output", "speaker"]

QUANTISED = 2.0**-23
"""A step of the recorder's 24 bits."""

PATIENCE = 3.0
"""Times what is promised, where other tests keep the machine busy: `benchmarks/comeback.py`."""

LATE_SHARE = 0.002
"""Blocks that may be late in a test by the program's own doing, as far as it knows: on a virtual
machine even a thread's own clock may go on while all stands still. What a busy machine takes away
nothing in the program can help. `benchmarks/soak.py` counts strictly."""


def sung(start_s: float, duration_s: float) -> np.ndarray:
    """A piece of the clip. It is of 16 bits, so that the recorder keeps it exactly."""
    start = round(start_s * RATE)
    stop = start + round(duration_s * RATE)
    return soundfile.read(CLIP, start=start, stop=stop, dtype="float32")[0]


def latency_samples(card_rate: int, period: int) -> int:
    """What the player declares, in samples of the card, for the server's blocks."""
    engine = Engine(load_voice(load_preset("violin").voice_dir))
    player = engine if engine.sample_rate == card_rate else Resampled(engine, card_rate)
    player.expect_blocks_of(period)
    return player.latency_samples


def read_take(folder: Path) -> tuple[np.ndarray, np.ndarray]:
    """What was played and what was sung, of the only take in a folder."""
    (take,) = folder.iterdir()
    wet, rate = soundfile.read(take / "wet.wav", dtype="float32")
    dry, _ = soundfile.read(take / "dry.wav", dtype="float32")
    assert rate == RATE
    return wet, dry


def closing_figure(stdout: str, name: str) -> float:
    """A number from the closing statistics."""
    found = re.search(rf"{name} ([0-9.]+)", stdout)
    assert found, stdout
    return float(found[1])


def test_what_comes_out_of_the_speaker_is_the_rendering_of_what_went_in(tmp_path: Path) -> None:
    mic = sung(3.0, 8.0)
    with JackRig(PERIOD, RATE, "freewheel") as rig:
        rig.start([*PLAY, "--record", str(tmp_path / "takes")])
        rig.connect()
        heard = rig.run(mic, tail_s=0.5)
        assert rig.stop_program() == 0
    wet, dry = read_take(tmp_path / "takes")
    # The engine plays from the stream's first block on, a while before the microphone sounds.
    start = int(np.flatnonzero(dry)[0] - np.flatnonzero(mic)[0])
    np.testing.assert_array_equal(dry[start : start + len(mic)], mic)
    assert start % PERIOD == 0
    played = wet[start : start + len(heard.left)]
    np.testing.assert_allclose(played, heard.left[: len(played)], atol=QUANTISED)
    np.testing.assert_array_equal(heard.left, heard.right)
    assert heard.n_lost == 0

    rendered = tmp_path / "rendered.wav"
    source = next((tmp_path / "takes").glob("*/dry.wav"))
    command = [*CHANTERELLE, "render", str(source), str(rendered), "--keep-latency", "--seed", "0"]
    subprocess.run(command, check=True, capture_output=True)
    expected = soundfile.read(rendered, dtype="float32")[0]
    np.testing.assert_allclose(wet, expected, atol=1e-4)
    assert np.sqrt(np.mean(heard.left**2)) > 0.01


@pytest.mark.parametrize(
    ("period", "rate"), [(64, RATE), (PERIOD, RATE), (1024, RATE), (PERIOD, 44100)]
)
def test_clicks_come_back_after_just_the_delay_that_is_declared(period: int, rate: int) -> None:
    mic = click_train(3.0, rate)
    with JackRig(period, rate, "freewheel") as rig:
        rig.start([*PLAY, "--dry-wet", "0"])
        rig.connect()
        heard = rig.run(mic)
        assert rig.stop_program() == 0
    declared_samples = latency_samples(rate, period)
    lags = np.array(click_lags(mic, heard.left))
    # Between rates a click comes back between two samples.
    assert np.abs(lags - declared_samples).max() <= (0 if rate == RATE else 1)
    said_ms = closing_figure(rig.program.stdout, "latency")
    assert said_ms == pytest.approx(1e3 * declared_samples / rate, abs=0.05)


def test_blocks_are_ready_in_time() -> None:
    mic = sung(3.0, 5.0)
    with JackRig(PERIOD, RATE, "sync") as rig:
        rig.start([*PLAY, "--json"])
        rig.connect()
        heard = rig.run(mic)
        assert rig.stop_program() == 0
    p50_us, p99_us = np.percentile(heard.turnaround_us, [50, 99])
    assert 0 < p50_us < p99_us < 1e6 * PERIOD / RATE
    said = json.loads(rig.program.stdout)
    late = said["late"]
    assert late["own"] + late["interpreter"] + late["unclear"] <= LATE_SHARE * said["n_blocks"]


def test_when_the_server_dies_it_waits_for_it_and_goes_on(tmp_path: Path) -> None:
    before, after = sung(3.0, 2.0), sung(6.0, 2.0)
    with JackRig(PERIOD, RATE, "sync") as rig:
        rig.start([*PLAY, "--record", str(tmp_path)])
        rig.connect()
        rig.run(before, tail_s=0.2)
        rig.kill_server()
        time.sleep(1.0)
        rig.start_server()
        begun_s = time.monotonic()
        rig.connect()
        assert time.monotonic() - begun_s < 2.0 * PATIENCE
        heard = rig.run(after, tail_s=0.2)
        assert rig.stop_program() == 0
        complaint = rig.program.stderr
    # Where starting again took longer than the server was away, nobody had to wait.
    assert "the sound card is back" in complaint
    assert np.abs(heard.left).max() > 0.01
    (take,) = [read_take(folder) for folder in [tmp_path]]
    wet, dry = take
    assert len(wet) == len(dry) > len(before) + len(after)
    for mic in (before, after):
        start = correlation_lag(mic, dry, len(dry))
        np.testing.assert_array_equal(dry[start : start + len(mic)], mic)


def test_ctrl_c_ends_the_wait_for_a_sound_card() -> None:
    with JackRig(PERIOD, RATE, "sync") as rig:
        program = rig.start(PLAY)
        rig.connect()
        rig.kill_server()
        give_up_s = time.monotonic() + 10.0
        while "waiting for it" not in program.stderr and time.monotonic() < give_up_s:
            time.sleep(0.05)
        assert rig.stop_program(signal.SIGINT) == 130


def test_after_kill_9_the_recording_plays_up_to_the_last_second(tmp_path: Path) -> None:
    mic = sung(3.0, 3.0)
    with JackRig(PERIOD, RATE, "sync") as rig:
        rig.start([*PLAY, "--record", str(tmp_path)])
        rig.connect()
        rig.run(mic, tail_s=0.0)
        assert rig.stop_program(signal.SIGKILL) == -signal.SIGKILL
    wet, dry = read_take(tmp_path)
    assert len(wet) == len(dry)
    start = int(np.flatnonzero(dry)[0] - np.flatnonzero(mic)[0])
    n_kept = len(dry) - start
    assert n_kept > len(mic) - RATE
    n_same = min(n_kept, len(mic))
    np.testing.assert_array_equal(dry[start : start + n_same], mic[:n_same])


def test_ctrl_c_ends_it_with_closing_statistics() -> None:
    with JackRig(PERIOD, RATE, "sync") as rig:
        # No device is asked for: the server's own are taken.
        program = rig.start([*CHANTERELLE, "play"])
        program.wait_for("Ctrl-C ends", limit_s=60.0)
        time.sleep(0.5)
        assert rig.stop_program(signal.SIGINT) == 0
        assert program.stderr == ""
        # Whoever may not have real-time priority is told, in lines of their own, how to get it.
        said = [line for line in program.stdout.splitlines() if not line.startswith("hint: ")]
    first, granted, played, block_time, losses, *_causes = said
    assert "system -> system (JACK Audio Connection Kit), 48000 Hz" in first
    assert re.fullmatch(r"audio thread .*real-time priority.*, memory .*locked", granted)
    assert re.fullmatch(r"played [0-9.]+ s: [0-9]+ blocks of 128 samples", played)
    assert re.fullmatch(
        r"block time p50 [0-9.]+ ms, p99 [0-9.]+ ms, max [0-9.]+ ms, deadline 2.667 ms", block_time
    )
    assert re.fullmatch(r"late blocks [0-9]+, xruns [0-9]+, latency [0-9.]+ ms", losses)
