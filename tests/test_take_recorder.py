"""Takes: begun and ended at will, with what came before; sound, readings and events at one time."""

import json

import numpy as np
import pytest
import soundfile
from takes import BLOCK, RATE, begin, counting, push_counting, read_pair
from waiting import wait_until

from ddsp_core.errors import AudioError
from realtime.host_applied import Applied
from realtime.take_layout import TakeLayout
from realtime.take_notes import read_events, read_features
from realtime.take_reader import read_sound, read_take
from realtime.take_recorder import TakeRecorder
from realtime.take_state import State

SECOND = RATE // BLOCK
"""Blocks."""


def test_a_take_begins_earlier_than_the_pedal_and_ends_with_it(tmp_path):
    take = TakeRecorder(tmp_path, RATE, preroll_s=20 * BLOCK / RATE)
    push_counting(take, 100)
    take.start(wait=True)
    push_counting(take, 7, start_block=100)
    take.stop()
    push_counting(take, 50, start_block=107)
    take.close()
    (finished,) = take.finished
    wet, dry = read_pair(finished.folder)
    np.testing.assert_array_equal(wet, counting(80 * BLOCK, 27 * BLOCK))
    np.testing.assert_array_equal(dry, -wet)
    about = read_take(finished.folder)
    assert (about.how, about.n_samples) == ("stopped", 27 * BLOCK)
    assert about.preroll_s == pytest.approx(20 * BLOCK / RATE, abs=1e-6)


def test_a_take_begins_where_a_block_and_a_hop_do(tmp_path):
    recorder = TakeRecorder(tmp_path, RATE, preroll_s=1.0)
    push_counting(recorder, 233, size=480)
    recorder.start(wait=True)
    recorder.close()
    wet, _ = read_pair(recorder.folder)
    first = round(float(wet[0]) * 2**23) - 1
    assert first % 480 == first % 128 == 0
    assert 0.9 * RATE < len(wet) <= RATE


def test_a_take_from_the_start_of_the_program_has_nothing_before(tmp_path):
    take = begin(tmp_path)
    push_counting(take, 3)
    take.close()
    assert read_take(take.folder).preroll_s == 0.0
    assert read_take(take.folder).how == "ended"


def test_takes_follow_one_another_and_may_overlap_by_what_came_before(tmp_path):
    recorder = TakeRecorder(tmp_path, RATE, preroll_s=10 * BLOCK / RATE)
    for number in range(3):
        push_counting(recorder, 4, start_block=12 * number)
        recorder.start()
        recorder.start()  # twice is once
        push_counting(recorder, 8, start_block=12 * number + 4)
        recorder.stop()
        recorder.stop()
    recorder.close()
    found = [read_pair(take.folder)[0] for take in recorder.finished]
    for number, wet in enumerate(found):
        first = max(12 * number + 4 - 10, 0)
        expected = counting(first * BLOCK, (12 * number + 12 - first) * BLOCK)
        np.testing.assert_array_equal(wet, expected)
    assert len(found) == 3
    assert not recorder.is_recording


@pytest.mark.parametrize(
    ("layout", "subtype"),
    [
        (TakeLayout("wav", 16), "PCM_16"),
        (TakeLayout("wav", 24), "PCM_24"),
        (TakeLayout("wav", 32), "FLOAT"),
        (TakeLayout("flac", 16), "PCM_16"),
        (TakeLayout("flac", 24), "PCM_24"),
    ],
)
def test_layouts(tmp_path, layout, subtype):
    recorder = begin(tmp_path, n_outputs=2, layout=layout)
    sound = np.random.default_rng(0).uniform(-1.5, 1.5, (SECOND * BLOCK, 2)).astype(np.float32)
    for start in range(0, len(sound), BLOCK):
        block = sound[start : start + BLOCK]
        recorder.push(block, block[:, 1].copy())
    recorder.close()
    info = soundfile.info(recorder.folder / f"wet{layout.suffix}")
    assert (info.format, info.subtype, info.channels) == (layout.file.upper(), subtype, 2)
    take = read_take(recorder.folder)
    wet, dry = read_sound(take, "wet"), read_sound(take, "dry")
    expected = sound if layout.bits == 32 else np.clip(sound, -1.0, 1.0 - 2.0 ** (1 - layout.bits))
    # Half a step, by definition of rounding.
    np.testing.assert_allclose(wet, expected, atol=0 if layout.bits == 32 else 2.0**-layout.bits)
    np.testing.assert_array_equal(dry[:, 0], wet[:, 1])


@pytest.mark.parametrize(("file", "bits"), [("flac", 32), ("wav", 8), ("ogg", 16)])
def test_layouts_that_do_not_exist(file, bits):
    with pytest.raises(AudioError, match="recording: "):
        TakeLayout(file, bits)


def test_sound_of_one_channel_fills_both(tmp_path):
    recorder = begin(tmp_path, n_outputs=2)
    block = counting(0, BLOCK)
    recorder.push(block, block)  # what a session plays where a block failed
    recorder.close()
    wet = read_sound(read_take(recorder.folder), "wet")
    np.testing.assert_array_equal(wet, np.column_stack((block, block)))


def test_readings_and_events_stand_at_their_samples(tmp_path):
    recorder = TakeRecorder(tmp_path, RATE, preroll_s=10 * BLOCK / RATE)
    for number in range(40):
        sample = number * BLOCK
        applied = (Applied(sample, "control", "room_mix", number / 100),) if number % 5 == 0 else ()
        block = counting(sample, BLOCK)
        if number == 20:
            recorder.start(wait=True)
        recorder.push(block, -block, np.array([[100.0 + number, 0.5, -20.0]], np.float32), applied)
        if number == 30:
            recorder.note({"kind": "midi", "message": [144, 60, 100]})
    recorder.close()
    features = read_features(recorder.folder)
    hops = np.arange(10, 40)
    np.testing.assert_array_equal(features[:, 0], (hops - 9) * BLOCK)  # where each hop ended
    np.testing.assert_array_equal(features[:, 1], 100.0 + hops)
    events = read_events(recorder.folder)
    turned = {event["sample"]: event["value"] for event in events if event["kind"] == "control"}
    assert turned == {(n - 10) * BLOCK: n / 100 for n in (10, 15, 20, 25, 30, 35)}
    (midi,) = (event for event in events if event["kind"] == "midi")
    assert (midi["sample"], midi["message"]) == (21 * BLOCK, [144, 60, 100])
    table = np.genfromtxt(recorder.folder / "features.csv", delimiter=",", names=True)
    assert table["f0_hz"][0] == 110.0
    lines = (recorder.folder / "events.jsonl").read_text().splitlines()
    assert all(isinstance(json.loads(line)["sample"], int) for line in lines)


@pytest.mark.parametrize("size", [32, 480, 1024])
def test_readings_of_blocks_that_are_no_hops(tmp_path, size):
    recorder = begin(tmp_path)
    hop, n_before = 128, 0
    for number in range(30):
        n_now = (number + 1) * size // hop
        readings = np.full((n_now - n_before, 3), 1.0, np.float32)
        recorder.push(np.zeros(size, np.float32), np.zeros(size, np.float32), readings)
        n_before = n_now
    recorder.close()
    samples = read_features(recorder.folder)[:, 0]
    assert len(samples) == 30 * size // hop
    # Evenly within a block: off by less than a hop.
    assert np.abs(samples - hop * np.arange(1, len(samples) + 1)).max() < hop


def test_take_yaml_says_how_everything_stood_at_its_first_sample(tmp_path):
    about = {
        "title": "Recital",
        "latency_samples": lambda: 512,
        "start": {"preset": 1, "controls": {"room_mix": 1.0, "gate_db": -55.0}},
    }
    recorder = TakeRecorder(tmp_path, RATE, about=about, preroll_s=4 * BLOCK / RATE)
    for number in range(3 * SECOND):  # long enough ago to have been forgotten
        applied = (Applied(number * BLOCK, "control", "room_mix", number / 1000),)
        recorder.push(counting(0, BLOCK), counting(0, BLOCK), None, applied)
        if number == SECOND:
            wait_until(lambda: recorder._source._n_forgotten > 0)
    recorder.start()
    recorder.close()
    take = read_take(recorder.folder)
    assert take.start == State(1, {"room_mix": (3 * SECOND - 5) / 1000, "gate_db": -55.0})
    first = read_events(recorder.folder)[0]
    assert (first["sample"], first["value"]) == (0, (3 * SECOND - 4) / 1000)
    assert (take.title, take.latency_samples, take.block_size) == ("Recital", 512, BLOCK)


def test_a_recorder_that_cannot_write_says_so_and_the_next_take_may(tmp_path):
    said = []
    (tmp_path / "takes").write_text("in the way")
    recorder = TakeRecorder(tmp_path / "takes", RATE, say=said.append)
    recorder.start()
    wait_until(lambda: bool(said))
    assert "recording stopped (" in said[0]
    assert recorder.failed
    (tmp_path / "takes").unlink()
    recorder.start(wait=True)
    push_counting(recorder, 2)
    recorder.close()
    assert recorder.failed is None
    assert [take.duration_s for take in recorder.finished] == [2 * BLOCK / RATE]
