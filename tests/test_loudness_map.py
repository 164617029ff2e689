"""The singer's loudness onto the instrument's: rising, with bounded slopes, none to the bit."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ddsp_core.errors import ControlError
from ddsp_core.features import Features
from ddsp_core.loudness_map import FLATTEST, STEEPEST, LoudnessMap, map_onto
from ddsp_core.shaping import Shaping, ShapingControls

VOICE = {"loudness_quantiles_db": {"5": -60.0, "25": -40.0, "50": -32.0, "75": -27.0, "95": -20.0}}
SINGER = {"5": -45.0, "25": -35.0, "50": -30.0, "75": -26.0, "95": -18.0}
rising = st.lists(st.floats(-90.0, 0.0), min_size=5, max_size=5).map(sorted)


def quantiles(levels: list[float]) -> dict[str, float]:
    return dict(zip(SINGER, levels, strict=True))


def test_corners_meet_and_the_ends_go_on_with_slope_1() -> None:
    curve = LoudnessMap((-50.0, -30.0, -20.0), (-60.0, -25.0, -20.0))
    inputs = [-55.0, -50.0, -40.0, -30.0, -25.0, -20.0, -10.0]
    outputs = [-65.0, -60.0, -42.5, -25.0, -22.5, -20.0, -10.0]
    assert [curve(x) for x in inputs] == pytest.approx(outputs)


def test_the_singer_s_quantiles_become_the_voice_s() -> None:
    curve = map_onto(VOICE, SINGER)
    for percentage, sung_db in SINGER.items():
        wanted = VOICE["loudness_quantiles_db"][percentage]
        assert curve(sung_db) == pytest.approx(wanted), percentage


@given(sung=rising, played=rising)
def test_any_quantiles_give_a_rising_map_with_bounded_slopes(
    sung: list[float], played: list[float]
) -> None:
    curve = map_onto({"loudness_quantiles_db": quantiles(played)}, quantiles(sung))
    levels = np.linspace(-100.0, 10.0, 500)
    slopes = np.diff([curve(x) for x in levels]) / np.diff(levels)
    assert slopes.min() >= FLATTEST - 1e-6
    assert slopes.max() <= STEEPEST + 1e-6
    assert curve(sung[2]) == pytest.approx(played[2])


@pytest.mark.parametrize(
    ("sung", "played"),
    [
        ((-40.0, -40.0), (-50.0, -40.0)),
        ((-40.0, -30.0), (-40.0, -50.0)),
        ((-40.0,), (-40.0, -30.0)),
        ((-40.0, float("nan")), (-40.0, -30.0)),
    ],
)
def test_corners_that_do_not_rise_are_refused(
    sung: tuple[float, ...], played: tuple[float, ...]
) -> None:
    with pytest.raises(ControlError, match="loudness map"):
        LoudnessMap(sung, played)


def test_missing_or_falling_quantiles_are_refused() -> None:
    with pytest.raises(ControlError, match="no quantile of 5 %"):
        map_onto({}, SINGER)
    with pytest.raises(ControlError, match="rise"):
        map_onto(VOICE, SINGER | {"25": 0.0})


def shaped(loudness_db: np.ndarray, curve: LoudnessMap | None, shift_db: float) -> tuple:
    n_hops = len(loudness_db)
    f0_hz = np.full(n_hops, 440.0, np.float32)
    features = Features(f0_hz, np.ones_like(f0_hz), loudness_db.astype(np.float32))
    values = (0.0, shift_db, -50.0)
    controls = ShapingControls(*(np.full(n_hops, value, np.float32) for value in values))
    return Shaping(48000, 128, curve).forward((features, controls))[0]


def test_the_gate_hears_the_singer_and_the_shift_comes_last() -> None:
    swell = np.linspace(-70.0, -20.0, 400)
    loudness_db = np.concatenate((swell, swell[::-1]))
    curve = LoudnessMap((-60.0, -20.0), (-30.0, -25.0))
    plain, mapped = (shaped(loudness_db, each, 6.0) for each in (None, curve))
    np.testing.assert_array_equal(mapped.tone_gain, plain.tone_gain)
    assert plain.tone_gain[-1] < 0.01
    wanted = [curve(x) + 6.0 for x in loudness_db]
    np.testing.assert_allclose(mapped.loudness_db, wanted, atol=1e-4)
    np.testing.assert_array_equal(plain.loudness_db, loudness_db.astype(np.float32) + 6.0)
