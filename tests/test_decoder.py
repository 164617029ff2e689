import numpy as np
import pytest
import torch
import voices

from ddsp_core.checkpoint import DecoderConfig, VoiceConfig, VoiceFile
from ddsp_core.decoder import Decoder, modified_sigmoid
from ddsp_core.live_decoder import TABLE_SIZE, DecoderStep
from ddsp_core.synths import SynthName
from ddsp_core.voice import Voice, voice_from_file

FILES = voices.parity_files() | voices.other_synths()


def test_a_full_voice_has_as_many_parameters_as_the_paper_s() -> None:
    decoder = DecoderConfig(n_units=512, n_harmonics=100, n_bands=65)
    voice = Voice(VoiceConfig(decoder, reverb_len=16000))
    trained = [parameter for parameter in voice.parameters() if parameter.requires_grad]
    assert sum(parameter.numel() for parameter in trained) == 4_837_670


def test_modified_sigmoid() -> None:
    values = modified_sigmoid(torch.tensor([-100.0, 0.0, 100.0], dtype=torch.float64))
    np.testing.assert_allclose(values, [1e-7, 2 * 0.5 ** np.log(10.0) + 1e-7, 2.0 + 1e-7])


def amplitudes_of(decoder: Decoder, f0_hz: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Amplitude before it is shared out (B, N), and the harmonics (B, N, K)."""
    caught = []
    hook = decoder.head_amplitude.register_forward_hook(lambda *call: caught.append(call[2]))
    controls, _ = decoder((f0_hz, torch.full_like(f0_hz, -20.0)))
    hook.remove()
    return modified_sigmoid(caught[0])[..., 0], controls.amplitudes


def test_harmonics_share_the_amplitude_and_none_reaches_nyquist() -> None:
    decoder = voices.random_voice().decoder.double()
    # 4000 Hz: the sixth harmonic stands at Nyquist itself, which is one too high.
    f0_hz = torch.tensor([[30.0, 440.0, 3999.0, 4000.0, 11_000.0, 30_000.0]], dtype=torch.float64)
    amplitude, harmonics = amplitudes_of(decoder, f0_hz)
    assert [int(n) for n in (harmonics[0] > 0).sum(-1)] == [12, 12, 6, 5, 2, 0]
    torch.testing.assert_close(harmonics.sum(-1)[0, :-1], amplitude[0, :-1], rtol=1e-9, atol=0)
    assert not harmonics[0, -1].any()


@pytest.mark.parametrize("synth", ["harmonic", "sinusoidal"])
def test_untrained_the_harmonics_fall_by_14_db_an_octave(synth: SynthName) -> None:
    torch.manual_seed(3)
    decoder = Decoder(DecoderConfig(n_units=64, n_harmonics=64), synth)
    f0_hz = torch.linspace(80.0, 320.0, 200)[None]
    controls, _ = decoder((f0_hz, torch.full_like(f0_hz, -20.0)))
    level_db = 20.0 * controls.amplitudes.detach().mean(dim=1)[0].log10()
    octaves = level_db[[3, 7, 15, 31, 63]] - level_db[[1, 3, 7, 15, 31]]
    assert abs(float(octaves.mean()) + 13.9) < 2.0


def test_outside_the_trained_range_it_hears_the_range_s_end() -> None:
    decoder = voices.random_voice().decoder
    quiet, loud = voices.LOUDNESS.minimum, voices.LOUDNESS.maximum
    f0_hz = torch.full((2, 4), 440.0)
    inside = torch.tensor([[quiet] * 4, [loud] * 4])
    outside = torch.tensor([[-100.0] * 4, [20.0] * 4])
    ends, _ = decoder((f0_hz, inside))
    beyond, _ = decoder((f0_hz, outside))
    torch.testing.assert_close(beyond.amplitudes, ends.amplitudes, rtol=0, atol=0)
    assert not torch.allclose(ends.amplitudes[0], ends.amplitudes[1])


def melody(file: VoiceFile, n_frames: int = 400) -> tuple[np.ndarray, np.ndarray]:
    """Pitch and loudness that wander over the voice's range and past its ends."""
    rng = np.random.default_rng(0)
    config = file.config.decoder
    curves = []
    for scaling in (config.pitch, config.loudness):
        middle, half = (scaling.maximum + scaling.minimum) / 2, scaling.maximum - scaling.minimum
        t = np.arange(n_frames) / n_frames
        swing = np.sin(2 * np.pi * (3 * t + rng.random())) * np.cos(2 * np.pi * t)
        curves.append(middle + 0.6 * half * swing + 0.05 * rng.standard_normal(n_frames))
    f0_hz = 440.0 * 2.0 ** ((curves[0] - 69.0) / 12.0)
    return f0_hz.astype(np.float32), curves[1].astype(np.float32)


@pytest.mark.parametrize("name", FILES)
def test_the_live_step_computes_what_was_trained(name: str) -> None:
    file = FILES[name]
    f0_hz, loudness_db = melody(file)
    (frequencies_hz, amplitudes, bands), state = DecoderStep(file).forward((f0_hz, loudness_db))
    with torch.inference_mode():
        inputs = torch.from_numpy(f0_hz)[None], torch.from_numpy(loudness_db)[None]
        wanted, memory = voice_from_file(file).decoder(inputs)
    assert float(wanted.amplitudes.max()) > 0.01  # it sounds
    # Values up to 2; what the tables' linear interpolation leaves is 3e-5.
    np.testing.assert_allclose(frequencies_hz, wanted.frequencies_hz[0], rtol=1e-4)  # 0.2 cents
    # One of a few tables has as much of the amplitude as many harmonics together.
    allowed = 2e-4 if name == "wavetable" else 1e-4
    np.testing.assert_allclose(amplitudes, wanted.amplitudes[0], atol=allowed)
    np.testing.assert_allclose(bands, wanted.noise_bands[0], atol=1e-4)
    np.testing.assert_allclose(state.hidden, memory.hidden[0, 0], atol=3e-4)


@pytest.mark.parametrize("name", FILES)
def test_with_weights_in_8_bits_it_computes_nearly_the_same(name: str) -> None:
    """What is left is heard by nobody: see `benchmarks/int8.py`."""
    inputs = melody(FILES[name])
    (exact_hz, exact, exact_bands), exact_end = DecoderStep(FILES[name]).forward(inputs)
    (near_hz, near, near_bands), near_end = DecoderStep(FILES[name], "int8").forward(inputs)
    np.testing.assert_allclose(near_hz, exact_hz, rtol=3e-3)  # 5 cents, of random sinusoids
    for one, other in ((near, exact), (near_bands, exact_bands)):
        power = np.sum(other.astype(float) ** 2)
        assert np.sum((one - other).astype(float) ** 2) < 10**-3.5 * power  # 35 dB below
        assert not np.array_equal(one, other)
    np.testing.assert_allclose(near_end.hidden, exact_end.hidden, atol=0.03)


def test_the_tables_hold_the_ends_of_the_ranges() -> None:
    file = FILES["random"]
    step = DecoderStep(file)
    assert step.weights.pitch_table.shape == (TABLE_SIZE, 4 * file.config.decoder.n_units)
    lowest, highest = (440.0 * 2 ** ((x - 69) / 12) for x in (voices.PITCH.minimum, 101.0))
    for f0_hz, beyond_hz in ((lowest, lowest / 4), (highest, highest * 1.5)):
        one, other = (
            step.forward((np.float32([hz] * 3), np.float32([-20.0] * 3)))[1]
            for hz in (f0_hz, beyond_hz)
        )
        np.testing.assert_allclose(one.hidden, other.hidden, atol=1e-6)
