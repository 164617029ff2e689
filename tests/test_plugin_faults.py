"""A plug-in crashes, hangs, or cannot be loaded: the sound goes on without a click, and says so."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import signals
from plugins import RATE, fake_pedalboard, playing, zam
from waiting import wait_until

from benchmarks.measures import clicks
from realtime.effects.pace import Pace
from realtime.effects.plugin import Plugin
from realtime.effects.plugin_link import PluginError, PluginLink, PluginWish

BLOCK = 128
LIVE = Pace()
TONE = signals.rich_tone(220.0, 2.0, RATE, peak=0.1)[np.newaxis]


def live(plugin: Plugin, faults: dict[int, Callable[[], None]], seconds: float) -> np.ndarray:
    """Plays at a card's pace; what stands at a block happens there."""
    due_s = time.perf_counter()
    parts = []
    for number in range(round(seconds * RATE / BLOCK)):
        due_s += BLOCK / RATE
        time.sleep(max(0.0, due_s - time.perf_counter()))
        if number in faults:
            faults[number]()
        begun_s = time.perf_counter()
        parts.append(plugin.process(TONE[:, number * BLOCK : (number + 1) * BLOCK]))
        assert time.perf_counter() - begun_s < 0.25  # it did not wait for the process
    return np.concatenate(parts, axis=1)


def smooth(sound: np.ndarray) -> bool:
    """No click; its own beginning, delayed, is left out.

    Where a saw is louder for one period, that period stands out without being a click.
    """
    return all(
        clicks(line[2000:], RATE).worst_ratio < 2.0 * clicks(TONE[0, 2000:], RATE).worst_ratio
        for line in sound
    )


def dry(n_samples: int, latency_samples: int) -> np.ndarray:
    return np.pad(TONE[0], (latency_samples, 0))[:n_samples]


@pytest.mark.parametrize(
    ("number", "words"), [(signal.SIGKILL, "crashed"), (signal.SIGSTOP, "did not answer")]
)
def test_one_that_crashes_or_hangs_is_left_out_and_comes_back(number, words):
    file = zam("ZaMaximX2")
    with playing(file, pace=LIVE, parameters={"threshold": -12}) as plugin:
        first = plugin.process_id
        out = live(plugin, {200: lambda: os.kill(first, number)}, 1.2)
        # From the last answer and the fade on, and nothing else, it is dry.
        gone = slice(200 * BLOCK + 608 + 1100, 200 * BLOCK + RATE // 4)
        if number == signal.SIGSTOP:
            np.testing.assert_array_equal(out[0, gone], dry(RATE, 608)[gone])
        wait_until(lambda: plugin.problem == f"{words} and was started again", 10.0)
        assert plugin.process_id != first
        back = live(plugin, {}, 0.5)
        assert plugin.n_late > 0
    assert smooth(out)
    loud = np.abs(out[0, 10_000:20_000]).max()
    assert loud > 0.3  # as the maximiser makes it
    assert np.abs(back[0, -2000:]).max() == pytest.approx(loud, rel=0.1)
    assert clicks(back[0], RATE).worst_ratio < 15  # where the tone begins anew


def test_one_that_crashes_again_is_left_out_for_good():
    with playing(zam("ZamEQ2"), pace=LIVE, parameters={"master_gain": 12}) as plugin:
        os.kill(plugin.process_id, signal.SIGKILL)
        wait_until(lambda: plugin.problem == "crashed and was started again", 10.0)
        os.kill(plugin.process_id, signal.SIGKILL)
        wait_until(lambda: plugin.problem == "crashed a second time: left out", 10.0)
        plugin.set("master_gain", 0.0)
        out = live(plugin, {}, 0.3)
    np.testing.assert_allclose(out[0, 2000:], dry(out.shape[1], 128)[2000:])


def test_the_next_process_stands_where_the_last_one_stood(tmp_path, monkeypatch):
    file = fake_pedalboard(tmp_path, monkeypatch)
    with playing(file, parameters={"gain": 6}) as plugin:
        plugin.set("gain", 20.0)
        os.kill(plugin.process_id, signal.SIGKILL)
        wait_until(lambda: plugin.problem == "crashed and was started again", 10.0)
        out = plugin.process(TONE[:, :RATE])
    np.testing.assert_allclose(out[0, 4000:], 10 * dry(RATE, 128)[4000:], rtol=1e-5)


def test_a_crash_of_native_code_while_playing(tmp_path, monkeypatch):
    code = "VST3Plugin.process = lambda self, x, *_: x if abs(x).max() < 0.09 else os.abort()"
    file = fake_pedalboard(tmp_path, monkeypatch, code)
    with playing(file, pace=LIVE) as plugin:
        out = live(plugin, {}, 0.5)
        wait_until(lambda: plugin.problem.startswith("crashed"), 5.0)
    assert smooth(out)
    np.testing.assert_array_equal(out[0, 4000:], dry(out.shape[1], 128)[4000:])


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("raise ImportError", "pip install 'chanterelle[plugins]'"),
        ("VST3Plugin.__init__ = lambda *_, **__: os.abort()", "crashed before it was loaded"),
        ("VST3Plugin.is_effect = False", "is an instrument, not an effect"),
        ("del VST3Plugin.name", "cannot be read (AttributeError"),
        ("VST3Plugin.process = None", "cannot be read (TypeError"),
    ],
)
def test_one_that_cannot_be_loaded_hands_the_sound_on(code, words, tmp_path, monkeypatch):
    file = fake_pedalboard(tmp_path, monkeypatch, code)
    with playing(file, pace=LIVE, mix=0.5) as plugin:
        assert words in plugin.problem
        assert plugin.problem.endswith(": left out")
        assert (plugin.latency_samples, plugin.n_outputs) == (0, 1)
        np.testing.assert_array_equal(plugin.process(TONE), TONE)
        plugin.set("mix", 0.1)
        plugin.bypass(True)
        plugin.reset()


def test_one_that_is_not_there_hands_the_sound_on():
    with playing("/nowhere/Gone.vst3", parameters={"gain": 6}) as plugin:
        assert plugin.problem == "/nowhere/Gone.vst3 is not there: left out"
        np.testing.assert_array_equal(plugin.process(TONE), TONE)


def test_one_that_loads_for_ever_is_given_up(tmp_path, monkeypatch):
    file = fake_pedalboard(tmp_path, monkeypatch, "time.sleep(100)")
    with pytest.raises(PluginError, match=r"was not loaded within 0\.5 s"):
        PluginLink(PluginWish(file, "", RATE, 1, False), load_limit_s=0.5)


def test_one_that_says_the_wrong_latency_is_measured(tmp_path, monkeypatch):
    code = """
def process(self, block, rate, size, reset, past=[np.zeros((2, 100), np.float32)]):
    sound = np.concatenate((past[0][: len(block)], block), axis=1)
    past[0] = sound[:, -100:]
    return sound[:, : block.shape[1]]
VST3Plugin.process, VST3Plugin.reported_latency_samples = process, 64
"""
    with playing(fake_pedalboard(tmp_path, monkeypatch, code)) as plugin:
        assert plugin.latency_samples == 128 + 100


@pytest.mark.parametrize("code", ["", "time.sleep(100)"])
def test_no_process_outlives_the_one_that_started_it(code, tmp_path, monkeypatch):
    file = fake_pedalboard(tmp_path, monkeypatch, code)
    program = f"""
import time, realtime.effects.plugin_link as link
start = link._start
link._start = lambda *a: (found := start(*a), print(found[2].pid, flush=True))[0]
link.PluginLink(link.PluginWish({file!r}, "", 48000, 1, True))
time.sleep(100)
"""
    root = Path(__file__).resolve().parent.parent
    with subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, cwd=root
    ) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        time.sleep(0.3)
        os.kill(child, 0)
        parent.kill()
    wait_until(lambda: not Path(f"/proc/{child}/fd").exists() or is_gone(child), 5.0)


def is_gone(process_id: int) -> bool:
    try:
        state = Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return True
    return state == "Z"  # whoever inherits it may not collect it


def test_closing_ends_the_process_also_one_that_hangs():
    with playing(zam("ZamEQ2")) as plugin:
        process_id = plugin.process_id
        os.kill(process_id, signal.SIGSTOP)
    assert is_gone(process_id)
