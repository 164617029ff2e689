"""Real VST3 plug-ins as effects: their sound, delay, channels and parameters, and the law."""

import numpy as np
import pytest
import signals
from plugins import RATE, play, playing, zam

from benchmarks.measures import clicks
from ddsp_core.errors import PresetError
from realtime.effects.pace import Pace
from realtime.effects.plugin_stream import StreamForm

TONE = signals.rich_tone(220.0, 0.5, RATE, peak=0.2)[np.newaxis]
NO_CUTS = ()


def delayed(sound, n_samples):
    return np.pad(sound, ((0, 0), (n_samples, 0)))[:, : sound.shape[1]]


def level_db(sound):
    return 10 * np.log10(np.mean(sound[..., RATE // 10 :].astype(np.float64) ** 2))


def test_a_click_comes_out_as_late_as_declared():
    click = np.zeros((1, 4800), np.float32)
    click[0, 1000] = 0.5
    with playing(zam("ZaMaximX2")) as plugin:
        assert plugin.latency_samples == 128 + 480
        out = play(plugin, click)
    assert np.argmax(np.abs(out), axis=1).tolist() == [1608, 1608]
    assert out.max() == pytest.approx(0.5)


@pytest.mark.parametrize(("block", "n_frames"), [(64, 1), (128, 2), (96, 3), (140, 4), (256, 4)])
def test_an_answer_is_due_one_block_after_its_question(block, n_frames):
    form = StreamForm(1, 1, RATE, 480, Pace(longest_block=block))
    assert form.latency_samples == 64 * n_frames + 480
    ends = np.arange(block, 64 * block, block)  # what has been asked before the last block
    needed = (ends + block - 1) // 64 - n_frames + 1  # frames, for the last sample of a block
    assert (needed * 64 <= ends).all()


def test_its_gain_is_what_was_asked_for():
    with playing(zam("ZamEQ2"), parameters={"master_gain": 6}) as plugin:
        assert level_db(play(plugin, TONE)) - level_db(TONE) == pytest.approx(6.0, abs=0.05)


def test_a_mono_plug_in_keeps_the_channels_of_a_stereo_sound_apart():
    both = np.concatenate([TONE, signals.noise(0.5, RATE, 0.1, 1)[np.newaxis]])
    with playing(zam("ZamEQ2"), n_inputs=2) as plugin:
        assert plugin.n_outputs == 2
        out = play(plugin, both)
    np.testing.assert_allclose(out, delayed(both, plugin.latency_samples), atol=1e-5)


def test_a_stereo_plug_in_makes_mono_wide_and_keeps_channels_apart():
    with playing(zam("ZaMaximX2")) as plugin:
        assert plugin.n_outputs == 2
        out = play(plugin, TONE)
    np.testing.assert_array_equal(out[0], out[1])
    left = np.concatenate([TONE, np.zeros_like(TONE)])
    with playing(zam("ZaMaximX2"), n_inputs=2) as plugin:
        out = play(plugin, left)
    assert level_db(out[0]) > -20
    assert not out[1].any()


def test_any_cuts_give_the_same_samples_also_while_all_moves():
    turns = {
        3000: lambda plugin: plugin.set("threshold", -20.0),
        5001: lambda plugin: plugin.set("mix", 0.3),
        7700: lambda plugin: plugin.bypass(True),
        8100: lambda plugin: plugin.bypass(False),
        12_345: lambda plugin: plugin.reset(),
        15_000: lambda plugin: (plugin.set("mix", 0.9), plugin.set("threshold", -1.0)),
    }
    cuts = np.random.default_rng(3).integers(1, 20_000, 300).tolist()
    whole, pieces = (
        _turned(turns, more) for more in ([], [*cuts, *range(6000, 6100), *range(9000, 10_000, 16)])
    )
    np.testing.assert_array_equal(whole, pieces)
    assert not np.array_equal(whole[0], delayed(TONE[:, :20_000], 608)[0])


def _turned(turns, cuts):
    with playing(zam("ZaMaximX2")) as plugin:
        return play(plugin, TONE[:, :20_000], {**dict.fromkeys(cuts), **turns})


def test_bypassed_it_is_the_dry_sound_as_late_and_nothing_clicks():
    turns = {6000: lambda p: p.bypass(True), 14_000: lambda p: p.bypass(False)}
    with playing(zam("ZaMaximX2"), parameters={"threshold": -20}) as plugin:
        out = play(plugin, TONE, turns)
    dry = delayed(TONE, 608)
    np.testing.assert_array_equal(out[0, 7100:14_000], dry[0, 7100:14_000])
    assert level_db(out[0, 16_000:]) > level_db(dry) + 10
    assert clicks(out[0, 2000:], RATE).worst_ratio < 1.2 * clicks(TONE[0, 2000:], RATE).worst_ratio


def test_one_that_begins_bypassed_is_dry_from_the_first_sample_on():
    with playing(zam("ZaMaximX2"), bypassed=True, parameters={"threshold": -20}) as plugin:
        assert plugin.is_bypassed
        np.testing.assert_array_equal(play(plugin, TONE)[1], delayed(TONE, 608)[0])


def test_its_mix_is_aligned():
    with playing(zam("ZaMaximX2"), mix=0.5) as plugin:
        out = play(plugin, TONE)
    np.testing.assert_allclose(out[0], delayed(TONE, 608)[0], atol=1e-5)


def test_turning_a_parameter_ends_where_asked_and_does_not_click():
    turns = {6000: lambda p: p.set("master_gain", 12.0), 14_000: lambda p: p.set("master_gain", -6)}
    with playing(zam("ZamEQ2")) as plugin:
        out = play(plugin, TONE, turns)[0]
    assert level_db(out[8000 - RATE // 10 : 14_000]) - level_db(TONE) == pytest.approx(12, abs=0.1)
    assert level_db(out[16_000 - RATE // 10 :]) - level_db(TONE) == pytest.approx(-6, abs=0.1)
    assert clicks(out[2000:], RATE).n_above == 0


def test_a_reset_is_silence_at_once():
    with playing(zam("ZaMaximX2")) as plugin:
        play(plugin, TONE)
        plugin.reset()
        assert not play(plugin, np.zeros((1, 4800), np.float32)).any()


def test_parameters_are_controls_with_the_preset_s_values():
    given = {"invert": True, "time": 300, "sync_bpm": "off"}
    with playing(zam("ZamDelay"), parameters=given, mix=0.4) as plugin:
        table = {control.name: control for control in plugin.parameters}
    assert table["mix"].default == 0.4
    assert (table["time"].default, table["time"].unit, table["time"].maximum) == (300, "ms", 8000)
    assert (table["invert"].default, table["invert"].step) == (1.0, 1.0)
    assert "buffer_size" not in table


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"treshold": -6}, ("max.parameters.treshold", "did you mean threshold?", "release")),
        ({"threshold": -66}, ("max.parameters.threshold", "-66 is below -30", "-30 to 0 dB")),
        ({"threshold": "low"}, ("is not a number", "-30 to 0 dB")),
    ],
)
def test_what_the_plug_in_does_not_take_is_said_when_it_is_loaded(parameters, words):
    with pytest.raises(PresetError) as error, playing(zam("ZaMaximX2"), parameters=parameters):
        pass
    assert all(word in str(error.value) for word in words)
