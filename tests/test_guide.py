"""The guide: its pace, what it asks, and what becomes of a late answer."""

import numpy as np
import pytest
import signals

from ddsp_core.crepe_reading import NO_READING, CrepeReader, Reading
from ddsp_core.guide import Guide, Pace

RATE, HOP = 48_000, 128
PACE = Pace(every_s=6 * HOP / RATE, answer_s=4 * HOP / RATE)


class Counter:
    """Answers question n with n Hz; the question is kept."""

    def __init__(self, late: frozenset[int] = frozenset()) -> None:
        self.questions: list[np.ndarray] = []
        self.late = late

    def ask(self, past: np.ndarray) -> int:
        self.questions.append(past)
        return len(self.questions)

    def answer(self, number: int, past: np.ndarray) -> Reading:
        assert past is self.questions[number - 1]
        return NO_READING if number in self.late else Reading(float(number), 1.0)


@pytest.mark.parametrize(("every", "answer"), [(6, 4), (4, 4), (1, 1), (3, 1)])
def test_an_answer_counts_from_its_hop_on(every: int, answer: int) -> None:
    listener = Counter()
    guide = Guide(RATE, HOP, Pace(every * HOP / RATE, answer * HOP / RATE), listener)
    (f0_hz, _), _ = guide.forward(np.zeros((20, HOP), np.float32))
    asked_at = np.arange(0, 20, every)
    number = np.searchsorted(asked_at + answer, np.arange(20), side="right")
    np.testing.assert_array_equal(f0_hz, np.where(number > 0, number, NO_READING.f0_hz))


def test_what_is_asked_is_the_newest_audio() -> None:
    listener = Counter()
    audio = signals.noise(0.2, RATE)[: 40 * HOP]
    Guide(RATE, HOP, PACE, listener).forward(audio.reshape(-1, HOP))
    n_past = CrepeReader(RATE).n_past
    np.testing.assert_array_equal(listener.questions[0][-HOP:], audio[:HOP])
    assert not listener.questions[0][:-HOP].any()
    end = 18 * HOP + HOP
    np.testing.assert_array_equal(listener.questions[3], audio[end - n_past : end])


def test_a_late_answer_is_none_until_the_next_one() -> None:
    guide = Guide(RATE, HOP, PACE, Counter(late=frozenset({2})))
    (f0_hz, periodicity), _ = guide.forward(np.zeros((22, HOP), np.float32))
    assert (periodicity[4:10] == 1.0).all()
    assert (periodicity[10:16] == 0.0).all()
    assert (f0_hz[16:22] == 3.0).all()


def test_in_place_it_hears_the_note() -> None:
    audio = signals.rich_tone(220.0, 0.3, RATE)
    (f0_hz, periodicity), _ = Guide(RATE, HOP, PACE).forward(signals.hops_of(audio, HOP))
    assert np.abs(1200 * np.log2(f0_hz[30:] / 220.0)).max() < 10.0
    assert periodicity[30:].min() > 0.7


def test_it_says_how_old_its_readings_are() -> None:
    # A window of 33 ms, heard in its middle; 4 hops until it counts, 2.5 more on average.
    assert Guide(RATE, HOP, PACE).delay_s == pytest.approx(0.0166 + 6.5 * HOP / RATE, abs=2e-4)
