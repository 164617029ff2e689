import numpy as np
import pytest
import signals

from realtime.limiter import CEILING, KNEE, RELEASE_S, Limiter

RATE = 48000
MINUS_1_DBFS = 10.0 ** (-1.0 / 20.0)
ROUNDING = 1.0 + 1e-6


def limited(audio: np.ndarray) -> np.ndarray:
    return Limiter(RATE).forward(audio.astype(np.float32))[0]


@pytest.mark.parametrize("peak", [0.9, 2.0, 50.0, 1e6])
def test_nothing_passes_the_ceiling(peak: float) -> None:
    for audio in (signals.noise(0.2, RATE, rms=peak / 3), signals.tone(100.0, 0.2, RATE, peak)):
        assert np.abs(limited(audio)).max() <= MINUS_1_DBFS * ROUNDING
    click = limited(signals.click(0.1, RATE, at_s=0.05, peak=peak))
    assert KNEE < np.abs(click).max() <= MINUS_1_DBFS * ROUNDING


def test_below_the_knee_not_one_bit_is_touched() -> None:
    audio = signals.rich_tone(200.0, 0.2, RATE, peak=KNEE * 0.999)
    np.testing.assert_array_equal(limited(audio), audio)


def test_louder_in_is_louder_out() -> None:
    peaks = np.linspace(0.4, 4.0, 200)
    out = [limited(np.array([peak]))[0] for peak in peaks]
    assert np.all(np.diff(out) >= 0)
    slopes = np.diff(out) / np.diff(peaks)
    assert np.abs(np.diff(slopes)).max() < 0.15  # a bend, not a corner: slope 1 down to 0


def test_it_lets_go_within_the_release_time() -> None:
    quiet = signals.tone(1000.0, 1.0, RATE, peak=0.1)
    after = limited(np.concatenate((np.full(10, 2.0), quiet)))[10:]
    reduction = np.abs(after).max() / np.abs(quiet).max()
    assert reduction == pytest.approx(1.0, abs=1e-6)
    back = round(RELEASE_S * np.log(2.0 / KNEE) * RATE) + 2
    assert np.abs(after[:480]).max() < 0.09
    np.testing.assert_array_equal(after[back:], quiet[back:])


def test_a_tone_above_the_knee_keeps_its_shape() -> None:
    tone = signals.tone(1000.0, 0.2, RATE, peak=1.5)
    out = limited(tone)[4800:]
    spectrum = np.abs(np.fft.rfft(out * np.hanning(len(out))))
    peak = int(np.argmax(spectrum))
    overtones = spectrum[2 * peak - 20 :].max() / spectrum[peak]
    assert 20 * np.log10(overtones) < -40.0


def test_ceiling_is_minus_one_dbfs() -> None:
    assert pytest.approx(MINUS_1_DBFS) == CEILING
