"""Voices to test with: small random ones, one made by hand, and the violin that ships."""

import dataclasses
from pathlib import Path

import numpy as np
import torch

from ddsp_core.checkpoint import DecoderConfig, VoiceConfig, VoiceFile, load_voice
from ddsp_core.features import FeatureExtractor
from ddsp_core.scaling import InputScaling
from ddsp_core.synths import SHARES, SYNTHS, SynthName
from ddsp_core.voice import Voice

torch.set_num_threads(1)

SAMPLE_RATE = 48000
HOP_SIZE = 128
VIOLIN = Path(__file__).parent.parent / "presets" / "voices" / "violin"

PITCH = InputScaling(mean=69.0, deviation=12.0, minimum=54.0, maximum=101.0)
LOUDNESS = InputScaling(mean=-30.0, deviation=8.0, minimum=-80.0, maximum=-10.0)


def config(
    n_units: int = 16,
    n_harmonics: int = 12,
    n_bands: int = 9,
    reverb_len: int = 300,
    sample_rate: int = SAMPLE_RATE,
    hop_size: int = HOP_SIZE,
    synth: SynthName = "harmonic",
) -> VoiceConfig:
    decoder = DecoderConfig(sample_rate, n_units, n_harmonics, n_bands, PITCH, LOUDNESS)
    return VoiceConfig(decoder, hop_size, reverb_len, synth)


FULL_BUILD = config(n_units=64, n_harmonics=100, n_bands=65, reverb_len=9000)


def voice_file(voice: Voice) -> VoiceFile:
    """The file that a torch voice would be saved to."""
    rate, hop_size = voice.config.sample_rate, voice.config.hop_size
    definition = dict(FeatureExtractor(rate, hop_size).definition)
    tensors = {name: tensor.numpy().copy() for name, tensor in voice.state_dict().items()}
    return VoiceFile(voice.config, definition, {}, {"recipe": "a test"}, tensors)


def random_voice(sizes: VoiceConfig | None = None, seed: int = 0) -> Voice:
    """Fresh weights, livelier than a voice in training begins: notes, hiss and room are heard."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        voice = Voice(sizes or config())
        with torch.no_grad():
            voice.decoder.head_amplitude.bias.fill_(0.5)
            voice.decoder.head_noise.bias.normal_(-3.0, 1.0)
            shares = voice.decoder.get_submodule(f"head_{SHARES[voice.config.synth]}")
            for head in (shares, voice.decoder.head_amplitude):
                head.weight.mul_(3.0)
            if voice.config.synth == "sinusoidal":
                voice.decoder.get_submodule("head_detuning").weight.normal_()
            voice.room.taps.normal_(0.0, 0.5 * voice.config.reverb_len**-0.5)
    return voice.eval()


def random_file(sizes: VoiceConfig | None = None, seed: int = 0) -> VoiceFile:
    return voice_file(random_voice(sizes, seed))


def follower_file() -> VoiceFile:
    """A voice made by hand: a sine as loud as the singer, at once; no hiss, no room.

    The random layers turn loudness into a curve through R^U; the amplitude's head is solved for,
    so that what comes out is a sine of the loudness that went in. The GRU has no say.
    """
    voice = random_voice(config(n_units=48, n_harmonics=1, reverb_len=1))
    decoder = voice.decoder
    units = voice.config.decoder.n_units
    levels_db = torch.linspace(LOUDNESS.minimum, LOUDNESS.maximum, 141)
    amplitudes = 2.0**0.5 * 10.0 ** (levels_db / 20.0)
    with torch.no_grad():
        decoder.mlp_out[0].weight[:, :units] = 0.0  # deaf to pitch
        decoder.mlp_out[0].weight[:, 2 * units :] = 0.0  # and to the past
        loudness = decoder.mlp_loudness(((levels_db - LOUDNESS.mean) / LOUDNESS.deviation)[:, None])
        joined = torch.cat([torch.zeros_like(loudness), loudness, torch.zeros_like(loudness)], 1)
        heard = torch.cat((decoder.mlp_out(joined), torch.ones(len(levels_db), 1)), 1)
        wanted = torch.logit((amplitudes / 2.0) ** (1.0 / np.log(10.0)))  # sigmoid undone
        solved = torch.linalg.lstsq(heard.double(), wanted.double()[:, None], driver="gelsd")
        decoder.head_amplitude.weight[:] = solved.solution[:-1].T.float()
        decoder.head_amplitude.bias[:] = solved.solution[-1].float()
        decoder.head_noise.weight.zero_()
        decoder.head_noise.bias.fill_(-30.0)
        voice.room.taps.zero_()
    return voice_file(voice)


def parity_files() -> dict[str, VoiceFile]:
    """What twins are compared on: a random voice of full build, and the violin that ships."""
    return {"random": random_file(FULL_BUILD), "violin": load_voice(VIOLIN)}


def other_synths() -> dict[str, VoiceFile]:
    """Random voices of full build whose tone is not harmonic, by the synth's name."""
    synths = [synth for synth in SYNTHS if synth != "harmonic"]
    return {s: random_file(dataclasses.replace(FULL_BUILD, synth=s)) for s in synths}
