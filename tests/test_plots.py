"""Pictures of sound and charts: what is drawn is what was given, on one scale."""

import subprocess
import sys
from io import BytesIO

import matplotlib.image
import numpy as np
import pytest
from signals import noise, silence, tone

from ddsp_core.features import Features
from training import charts, plots

RATE = 16000
TITLES = ("recorded", "costs 5$ and _10$")


def features(f0_hz: float, confidence: float = 1.0) -> Features:
    curve = np.ones(50, np.float32)
    return Features(f0_hz * curve, confidence * curve, -30.0 * curve)


def test_a_spectrogram_pair_keeps_the_difference_in_level():
    loud = tone(1000.0, 1.0, RATE, peak=0.5)
    figure = plots.spectrogram_pair(loud, 0.1 * loud, RATE, TITLES)
    images = [axes.images[0] for axes in figure.axes[:2]]
    maxima = [float(image.get_array().max()) for image in images]
    assert maxima == pytest.approx([0.0, -20.0], abs=0.1)
    # The brightest row is where the axis says 1000 Hz, within half a bin of 31 Hz.
    _, _, low, high = images[0].get_extent()
    levels_db = images[0].get_array()[:, 250]
    at = low + (high - low) * (np.argmax(levels_db) + 0.5) / len(levels_db)
    assert 2.0**at == pytest.approx(1000.0, abs=16.0)


def test_pitch_is_drawn_where_it_is_sure():
    sure, unsure = features(440.0), features(220.0, confidence=0.2)
    time_s = np.arange(50) / 100.0
    tracks = (plots.Track("a", time_s, sure), plots.Track("b", time_s, unsure))
    figure = plots.feature_tracks(*tracks)
    dots = [collection.get_offsets() for collection in figure.axes[0].collections]
    assert [len(points) for points in dots] == [50, 0]
    assert np.all(dots[0][:, 1] == 440.0)


def test_waveforms_share_their_scale_and_the_close_up_is_the_loudest_moment():
    audio = np.concatenate((0.1 * noise(1.0, RATE), noise(0.2, RATE), 0.1 * noise(0.5, RATE)))
    figure = plots.waveform_pair(audio, 0.2 * audio, RATE, TITLES)
    assert len({axes.get_ylim() for axes in figure.axes}) == 1
    at_s = float(figure.axes[1].get_title(loc="left").split()[1])
    assert 1.0 <= at_s <= 1.2


def test_the_rooms_energy_falls_from_all_of_it_to_the_last_tap():
    taps = 0.1 * 0.999 ** np.arange(8000)
    figure = plots.impulse_response(taps, RATE, "a room")
    time_s, level_db = figure.axes[1].lines[0].get_data()
    assert level_db[0] == pytest.approx(10.0 * np.log10(np.sum(taps**2)))
    assert np.all(np.diff(level_db) < 0.0)
    at = len(time_s) // 2
    rest = taps[round(time_s[at] * RATE) :]
    assert level_db[at] == pytest.approx(10.0 * np.log10(np.sum(rest**2)))


@pytest.mark.parametrize("seconds", [1 / RATE, 0.01, 1.0])
def test_silence_of_any_length_can_be_drawn(seconds):
    quiet = silence(seconds, RATE)
    for figure in (
        plots.spectrogram_pair(quiet, quiet, RATE, TITLES),
        plots.waveform_pair(quiet, quiet, RATE, TITLES),
        plots.impulse_response(quiet, RATE, "nothing"),
    ):
        image = plots.pixels(figure)
        assert (image.shape[2], image.dtype) == (3, np.uint8)
        assert image.std() > 5.0


def test_png_and_pixels_are_the_same_picture():
    figure = plots.waveform_pair(noise(0.1, RATE), noise(0.1, RATE), RATE, TITLES)
    read = matplotlib.image.imread(BytesIO(plots.png(figure)))
    np.testing.assert_array_equal(np.round(255 * read[..., :3]), plots.pixels(figure))


def test_a_heat_map_says_its_numbers_and_what_is_missing():
    figure = charts.heat_map(
        np.array([[1.0, 2.0], [3.0, np.nan]]), ["50", "100"], ["33", "65"], ("h", "b", "loss")
    )
    assert [text.get_text() for text in figure.axes[0].texts] == ["1.000", "2.000", "3.000", "none"]
    plots.pixels(figure)


def test_a_line_chart_has_a_line_an_entry():
    lines = {name: ([1, 2], [value, np.nan]) for name, value in (("a", 3.0), ("b", 4.0))}
    axes = charts.line_chart(lines, "step", "loss", dots=True).axes[0]
    assert [line.get_ydata()[0] for line in axes.lines] == [3.0, 4.0]


def test_drawing_needs_no_pyplot():
    code = (
        "import sys, training.plots, training.charts; sys.exit('matplotlib.pyplot' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
