"""A preset's tracker in the engine: chosen, said, cut anywhere, and live what it is in a render."""

from types import SimpleNamespace

import law
import numpy as np
import pytest
import signals
import voices

from ddsp_core.trackers import KINDS, TRAINED_WITH, make_tracker
from realtime.engine import Engine
from realtime.hearing import listening, tracker_of

RATE, HOP = voices.SAMPLE_RATE, voices.HOP_SIZE
OTHERS = [name for name in KINDS if name != TRAINED_WITH]


def preset(pitch: str) -> SimpleNamespace:
    return SimpleNamespace(pitch=pitch, voice_dir=voices.VIOLIN)


def sung(n_samples: int) -> signals.Audio:
    curve = signals.vibrato(330.0, n_samples / RATE, RATE)
    return signals.harmonic(curve, RATE, [1, 0.8, 0.3, 0.2])[:n_samples]


def test_the_voice_s_own_tracker_is_not_worth_a_word(capsys):
    assert tracker_of(preset(TRAINED_WITH), voices.random_file()) is None
    assert capsys.readouterr().err == ""
    with listening([preset(TRAINED_WITH)]) as guide:
        assert guide is None


@pytest.mark.parametrize("name", OTHERS)
def test_another_tracker_is_said(name, capsys):
    file = voices.random_file()
    assert type(tracker_of(preset(name), file)) is type(make_tracker(name, RATE, HOP))
    expected = f"pitch: {name}; the voice was trained with {file.definition['pitch']}\n"
    assert capsys.readouterr().err == expected


@pytest.mark.parametrize("name", OTHERS)
def test_blocks_of_any_length_give_the_same_sound(name):
    file, n_samples = voices.random_file(), 60 * HOP

    def forward(block, engine):
        engine = engine or Engine(file, tracker=make_tracker(name, RATE, HOP))
        return engine.process(block), engine

    subject = law.Subject(forward, sung(n_samples), n_samples, takes_over=True, seen=lambda _: ())
    for cuts in (
        law.every(480, n_samples),
        law.every(128, n_samples),
        law.at_random(n_samples, 40),
    ):
        law.check(subject, cuts, tolerance=1e-5)


def test_the_engine_plays_what_its_tracker_hears():
    file = voices.random_file()
    engines = [Engine(file), *(Engine(file, tracker=make_tracker(n, RATE, HOP)) for n in OTHERS)]
    for engine in engines:
        engine.process(sung(100 * HOP))
        assert engine.meters.f0_hz == pytest.approx(330.0, rel=0.03)
    played = {float(engine.meters.f0_hz) for engine in engines}
    assert len(played) > 1


def test_a_dead_guide_leaves_the_plain_tracker_s_sound():
    """Heard while playing: not a gap, not a wrong note."""
    file, audio = voices.random_file(), sung(80 * HOP)
    with listening([preset(TRAINED_WITH), preset("nsdf+crepe")]) as guide:
        assert guide is not None
        guide._process.kill()
        guide._process.wait()
        engine = Engine(file, tracker=make_tracker("nsdf+crepe", RATE, HOP, guide))
        np.testing.assert_allclose(engine.process(audio), Engine(file).process(audio), atol=1e-5)
        assert guide.problem == "pitch guide gone"
        assert guide.n_late > 0
