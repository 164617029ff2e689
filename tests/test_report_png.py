import sys

import matplotlib.image
import numpy as np
import pytest
from signals import constant, rich_tone, silence, steps

from ddsp_core.features import FeatureExtractor
from realtime.report_png import ReportFrames, find_onsets, write_report

RATE, HOP = 48000, 128


def song() -> np.ndarray:
    notes = [np.concatenate((silence(0.2, RATE), rich_tone(hz, 0.5, RATE))) for hz in (220, 330)]
    return np.concatenate([*notes, silence(0.1, RATE)])


def frames_of(audio: np.ndarray) -> ReportFrames:
    extractor = FeatureExtractor(RATE, HOP)
    n_hops = len(audio) // HOP
    found, _ = extractor.forward(audio[: n_hops * HOP].reshape(n_hops, HOP))
    time_s = (np.arange(1, n_hops + 1) * HOP - extractor.delay_samples) / RATE
    gate = (found.loudness_db > -50.0).astype(float)
    return ReportFrames(
        time_s, found.f0_hz, 2 * found.f0_hz, found.confidence, found.loudness_db, gate
    )


def test_a_picture_large_enough_to_read_with_something_on_it(tmp_path):
    audio = song()
    path = write_report(
        tmp_path / "new" / "folder", "a song", audio, 0.5 * audio, RATE, frames_of(audio)
    )
    assert path == tmp_path / "new" / "folder" / "a song.png"
    picture = matplotlib.image.imread(path)
    assert picture.shape[:2] == (1800, 1600)
    assert picture[..., :3].std() > 0.1


@pytest.mark.parametrize("n_samples", [1, 100, 5000])
def test_very_short_and_silent_input_gives_a_picture_without_a_warning(tmp_path, n_samples):
    audio = np.zeros(n_samples, np.float32)
    assert write_report(tmp_path, "short", audio, audio, RATE, frames_of(audio)).is_file()


def test_a_name_with_dollar_signs_is_not_mathematics(tmp_path):
    audio = silence(0.1, RATE)
    assert write_report(tmp_path, "5$ and _10$", audio, audio, RATE, frames_of(audio)).is_file()


def test_onsets_are_where_the_gate_opens_and_not_too_near_each_other():
    audio = song()
    at_s = find_onsets(frames_of(audio))
    assert at_s == pytest.approx([0.2, 0.9], abs=0.01)
    flutter = steps([1.0, 2.0], 0.01, 100).repeat(1) - 1.0
    gate = np.tile(flutter, 50)
    frames = ReportFrames(*([constant(1.0, 1.0, 100)] * 5), gate)
    frames = frames._replace(time_s=np.arange(100) / 100)
    assert np.diff(find_onsets(frames)).min() >= 0.3


def test_playing_does_not_load_matplotlib():
    import subprocess

    code = "import sys, realtime.report_png; sys.exit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
