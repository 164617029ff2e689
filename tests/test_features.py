import numpy as np
import pytest
import signals

from ddsp_core.features import FeatureExtractor
from ddsp_core.loudness import Loudness
from ddsp_core.pitch import PitchTracker
from ddsp_core.trackers import make_tracker

RATE = 48000
HOP = 128


def test_it_is_the_two_extractors_one_after_the_other() -> None:
    hops = signals.hops_of(signals.rich_tone(330.0, 0.2, RATE), HOP)
    features, _ = FeatureExtractor(RATE, HOP).forward(hops)
    (f0_hz, confidence), _ = PitchTracker(RATE, HOP).forward(hops)
    loudness_db, _ = Loudness(RATE, HOP).forward((hops, f0_hz))
    np.testing.assert_array_equal(features.f0_hz, f0_hz)
    np.testing.assert_array_equal(features.confidence, confidence)
    np.testing.assert_array_equal(features.loudness_db, loudness_db)
    assert {curve.dtype for curve in features} == {np.dtype(np.float32)}


def test_another_tracker_may_hear_in_its_place() -> None:
    hops = signals.hops_of(signals.rich_tone(330.0, 0.2, RATE), HOP)
    extractor = FeatureExtractor(RATE, HOP, make_tracker("crepe", RATE, HOP))
    features, _ = extractor.forward(hops)
    np.testing.assert_array_equal(
        features.f0_hz, make_tracker("crepe", RATE, HOP).forward(hops)[0][0]
    )
    assert dict(extractor.definition) == dict(FeatureExtractor(RATE, HOP).definition)


@pytest.mark.parametrize(("rate", "hop"), [(8000, 32), (16000, 64), (44100, 128), (96000, 256)])
def test_a_sung_note_at_any_rate(rate: int, hop: int) -> None:
    hops = signals.hops_of(signals.rich_tone(330.0, 0.4, rate), hop)
    features, _ = FeatureExtractor(rate, hop).forward(hops)
    settled = len(hops) // 2
    np.testing.assert_allclose(features.f0_hz[settled:], 330.0, rtol=0.006)
    assert features.confidence[settled:].min() > 0.8
    assert np.ptp(features.loudness_db[settled:]) < 0.5


def test_no_frame_hears_the_future() -> None:
    hops = signals.hops_of(signals.rich_tone(330.0, 0.2, RATE), HOP)
    other = hops.copy()
    other[40:] = 0.0
    extractor = FeatureExtractor(RATE, HOP)
    for one, two in zip(extractor.forward(hops)[0], extractor.forward(other)[0], strict=True):
        np.testing.assert_array_equal(one[:40], two[:40])
        assert not np.array_equal(one[40:], two[40:])


def test_the_definition_says_what_a_voice_depends_on() -> None:
    definition = FeatureExtractor(RATE, HOP).definition
    for rate, hop in ((44100, HOP), (RATE, 64)):
        assert dict(FeatureExtractor(rate, hop).definition) != dict(definition)


def test_a_frame_s_loudness_lags_by_the_declared_delay() -> None:
    extractor = FeatureExtractor(RATE, 16)
    start = round(0.1 * RATE)
    audio = signals.tone(2000.0, 0.2, RATE)
    audio[:start] = 0.0
    loudness_db = extractor.forward(signals.hops_of(audio, 16))[0].loudness_db
    half = 16 * (1 + np.flatnonzero(loudness_db > loudness_db[-1] - 3.0)[0])
    assert abs(half - start - extractor.delay_samples) <= 24  # a period of the tone
