"""The guided tracker: alone it is the plain one to the bit; advised, it hears more, as fast."""

import numpy as np
import pytest
import signals

from ddsp_core.crepe_reading import NO_READING, Reading
from ddsp_core.errors import PresetError
from ddsp_core.guide import Guide
from ddsp_core.pitch import PitchTracker
from ddsp_core.streaming import Stage
from ddsp_core.trackers import KINDS, TRAINED_WITH, check_name, make_tracker

RATE, HOP = 48_000, 128


class Says:
    """A listener that always has the same answer."""

    def __init__(self, reading: Reading) -> None:
        self.reading = reading

    def ask(self, past: np.ndarray) -> int:
        return 0

    def answer(self, number: int, past: np.ndarray) -> Reading:
        return self.reading


def advised_by(listener: Says | None, rate: int = RATE, hop: int = HOP) -> Stage:
    return make_tracker("nsdf+crepe", rate, hop, listener)


def sung(noise_rms: float) -> signals.Audio:
    curve = np.concatenate(
        (signals.steps((220.0, 330.0, 110.0), 0.3, RATE), signals.vibrato(440.0, 0.5, RATE))
    )
    audio = signals.harmonic(curve, RATE, [1, 0.8, 0.3, 0.2, 0.1])
    rest = signals.silence(0.1, RATE)
    audio = np.concatenate((audio, rest, 0.01 * audio, rest))
    return audio + signals.breath(len(audio) / RATE, RATE, noise_rms)[: len(audio)]


@pytest.mark.parametrize("reading", [NO_READING, Reading(333.0, 0.0), Reading(333.0, 0.29)])
@pytest.mark.parametrize(("rate", "hop"), [(48_000, 128), (44_100, 117), (16_000, 64)])
def test_without_a_guide_it_is_the_plain_tracker(reading: Reading, rate: int, hop: int) -> None:
    hops = signals.hops_of(sung(0.05), hop)
    plain, plain_state = PitchTracker(rate, hop).forward(hops)
    advised, state = advised_by(Says(reading), rate, hop).forward(hops)
    np.testing.assert_array_equal(advised[0], plain[0])
    np.testing.assert_array_equal(advised[1], plain[1])
    for ours, theirs in zip(state.pitch, plain_state, strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_the_guide_decides_between_octaves() -> None:
    """Every second period a little louder: 220 Hz, or 110?"""
    curve = signals.constant(110.0, 0.4, RATE)
    audio = signals.harmonic(curve, RATE, [0.16, 1, 0.16, 0.8, 0.1, 0.5, 0.1, 0.3])
    hops = signals.hops_of(audio, HOP)
    plain = PitchTracker(RATE, HOP).forward(hops)[0][0][-1]
    for f0_hz in (110.0, 220.0):
        says = Says(Reading(f0_hz, 0.9))
        heard = advised_by(says).forward(hops)[0][0][-1]
        assert abs(1200 * np.log2(heard / f0_hz)) < 30.0, f"plain: {plain}"


def test_a_wrong_guide_cannot_move_a_clear_note() -> None:
    hops = signals.hops_of(signals.rich_tone(330.0, 0.4, RATE), HOP)
    (f0_hz, confidence), _ = advised_by(Says(Reading(92.0, 1.0))).forward(hops)
    assert np.abs(1200 * np.log2(f0_hz[40:] / 330.0)).max() < 2.0
    assert confidence[40:].min() > 0.8


def test_in_noise_it_hears_more() -> None:
    audio = signals.rich_tone(220.0, 2.0, RATE, peak=0.2)
    hops = signals.hops_of(audio + signals.noise(2.0, RATE, 0.12), HOP)
    (plain_hz, plain), _ = PitchTracker(RATE, HOP).forward(hops)
    (heard_hz, advised), _ = advised_by(None).forward(hops)

    def heard(f0_hz: np.ndarray, confidence: np.ndarray) -> float:
        return float(np.mean((confidence > 0.5) & (np.abs(1200 * np.log2(f0_hz / 220.0)) < 50)))

    assert heard(heard_hz, advised) > heard(plain_hz, plain) + 0.05


def test_a_new_note_is_read_as_soon_as_without_a_guide() -> None:
    curve = signals.steps((220.0, 330.0, 247.0, 392.0), 0.25, RATE)
    hops = signals.hops_of(signals.harmonic(curve, RATE, [1, 0.8, 0.3, 0.2, 0.1]), HOP)
    for tracker in (PitchTracker(RATE, HOP), advised_by(None)):
        f0_hz = tracker.forward(hops)[0][0]
        for change_s, new_hz in ((0.25, 330.0), (0.5, 247.0), (0.75, 392.0)):
            frame = round((change_s + 0.0135) * RATE / HOP)
            assert abs(1200 * np.log2(f0_hz[frame] / new_hz)) < 50.0


def test_trackers_by_name() -> None:
    hops = signals.hops_of(signals.rich_tone(220.0, 0.3, RATE), HOP)
    for name in KINDS:
        (f0_hz, confidence), _ = make_tracker(name, RATE, HOP).forward(hops)
        assert abs(1200 * np.log2(f0_hz[-1] / 220.0)) < 10.0, name
        assert confidence[-1] > 0.7, name
    assert isinstance(make_tracker(TRAINED_WITH, RATE, HOP), PitchTracker)


def test_the_pace_of_each_kind_is_what_its_guide_keeps() -> None:
    for name, pace in KINDS.items():
        guide = getattr(make_tracker(name, RATE, HOP), "guide", None)
        assert isinstance(guide, Guide) == (pace is not None)
        if pace is not None:
            assert guide.every_hops == round(pace.every_s * RATE / HOP)
            assert guide.answer_hops <= guide.every_hops


def test_an_unknown_tracker_is_a_question() -> None:
    with pytest.raises(PresetError, match=r"preset: no pitch tracker 'nsfd': did you mean nsdf\?"):
        check_name("nsfd", "preset")
