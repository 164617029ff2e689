"""A voice on disk: one safetensors file, 16-bit, with everything that playing needs in its header.

Loading runs no code: safetensors holds numbers and the header is JSON. Sizes are bounded and
checked against the header before anything is built. numpy only, so that playing needs no torch.
"""

import dataclasses
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from ddsp_core.errors import VoiceError, did_you_mean
from ddsp_core.scaling import LOUDNESS_DB, PITCH_MIDI, InputScaling
from ddsp_core.synths import N_TABLES, SYNTHS, SynthName, head_sizes

FORMAT = "chanterelle-voice"
VERSION = "1"
FILE_NAME = "voice.safetensors"
MAX_FILE_BYTES = 64 * 1024 * 1024
BOUNDS = {
    "sample_rate": (8000, 192_000),
    "hop_size": (16, 1024),
    "n_units": (8, 2048),
    "n_harmonics": (1, 256),
    "n_bands": (2, 513),
    "reverb_len": (1, 960_000),
}
"""What sizes a voice may have; a header decides how much memory playing takes."""

Tensors = Mapping[str, NDArray[np.floating]]


@dataclass(frozen=True)
class DecoderConfig:
    """Sizes of the network and scaling of its inputs."""

    sample_rate: int = 48000
    n_units: int = 512
    n_harmonics: int = 100
    n_bands: int = 65
    pitch: InputScaling = PITCH_MIDI
    loudness: InputScaling = LOUDNESS_DB


@dataclass(frozen=True)
class VoiceConfig:
    """All sizes of a voice."""

    decoder: DecoderConfig = DecoderConfig()
    hop_size: int = 128
    reverb_len: int = 48000
    synth: SynthName = "harmonic"
    """What makes the tone. Files from before there was a choice do not say: they are harmonic."""

    @property
    def sample_rate(self) -> int:
        """Hz."""
        return self.decoder.sample_rate


class VoiceFile(NamedTuple):
    """What a voice file holds."""

    config: VoiceConfig
    definition: dict[str, Any]
    """Of the features that the voice was trained with."""
    statistics: dict[str, Any]
    """Of the training set: loudness and pitch quantiles, hours."""
    provenance: dict[str, Any]
    """Recipe, seed, steps, data."""
    tensors: dict[str, NDArray[np.float32]]
    """By the names of the torch modules' state dict."""


def save_voice(path: Path, voice: VoiceFile) -> None:
    """Writes a voice file in one piece: a crash leaves the old one."""
    header = {
        "format": FORMAT,
        "version": VERSION,
        "config": json.dumps(dataclasses.asdict(voice.config)),
        "definition": json.dumps(voice.definition),
        "statistics": json.dumps(voice.statistics),
        "provenance": json.dumps(voice.provenance),
    }
    partial = path.with_suffix(".partial")
    half = {name: np.ascontiguousarray(t, dtype=np.float16) for name, t in voice.tensors.items()}
    save_file(half, partial, header)
    partial.replace(path)


def load_voice(folder: Path) -> VoiceFile:
    """Reads `voice.safetensors` of a voice folder.

    Raises:
        VoiceError: missing, truncated, of another format or version, or with sizes that do not fit.
    """
    path = folder / FILE_NAME
    todo = "copy the voice again, or train it with `chanterelle-train train`"
    if not path.is_file():
        raise VoiceError(str(path), "no such file", f"a voice folder holds {FILE_NAME}", todo)
    if path.stat().st_size > MAX_FILE_BYTES:
        raise VoiceError(str(path), f"{path.stat().st_size} bytes", f"at most {MAX_FILE_BYTES}")
    try:
        with safe_open(path, framework="numpy") as file:
            header = file.metadata() or {}
            _check_version(path, header)
            names = list(file.keys())
            tensors = {name: file.get_tensor(name).astype(np.float32) for name in names}
            voice = VoiceFile(
                _config(json.loads(header["config"])),
                json.loads(header["definition"]),
                json.loads(header["statistics"]),
                json.loads(header["provenance"]),
                tensors,
            )
    except (SafetensorError, OSError, KeyError, TypeError, ValueError, AttributeError) as error:
        given = f"damaged or cut short ({type(error).__name__}: {error})"
        raise VoiceError(str(path), given, "a whole voice file", todo) from None
    _check_config(path, voice.config)
    _check_shapes(path, voice)
    return voice


def _check_version(path: Path, header: Mapping[str, str]) -> None:
    found = (header.get("format"), header.get("version"))
    if found != (FORMAT, VERSION):
        given = f"format {found[0]}, version {found[1]}"
        todo = "use the Chanterelle that it was made with, or train it again"
        raise VoiceError(str(path), given, f"{FORMAT}, version {VERSION}", todo)


def _config(values: dict[str, Any]) -> VoiceConfig:
    decoder = dict(values["decoder"])
    for key in ("pitch", "loudness"):
        decoder[key] = InputScaling(**decoder[key])
    sizes = DecoderConfig(**decoder), values["hop_size"], values["reverb_len"]
    return VoiceConfig(*sizes, values.get("synth", "harmonic"))


def _check_config(path: Path, config: VoiceConfig) -> None:
    if config.synth not in SYNTHS:
        given, known = f"{config.synth!r}", did_you_mean(str(config.synth), SYNTHS)
        raise VoiceError(f"{path}: synth", given, known)
    for name, (least, most) in BOUNDS.items():
        size = getattr(config if hasattr(config, name) else config.decoder, name)
        if type(size) is not int or not least <= size <= most:
            raise VoiceError(f"{path}: {name}", repr(size), f"{least} to {most}")
    for name, scaling in (("pitch", config.decoder.pitch), ("loudness", config.decoder.loudness)):
        values = dataclasses.astuple(scaling)
        finite = all(type(x) in (int, float) and math.isfinite(x) for x in values)
        if not (finite and scaling.deviation > 0 and scaling.minimum < scaling.maximum):
            allowed = "finite numbers, deviation above 0, minimum below maximum"
            raise VoiceError(f"{path}: {name}", f"{values}", allowed)


def expected_shapes(config: VoiceConfig) -> dict[str, tuple[int, ...]]:
    """Name and shape of every tensor of a voice with one room."""
    d = config.decoder
    units = d.n_units
    shapes: dict[str, tuple[int, ...]] = {"room.taps": (1, config.reverb_len)}

    def linear(name: str, n_in: int, n_out: int) -> None:
        shapes[f"decoder.{name}.weight"] = (n_out, n_in)
        shapes[f"decoder.{name}.bias"] = (n_out,)

    for mlp, n_first in (("mlp_f0", 1), ("mlp_loudness", 1), ("mlp_out", 3 * units)):
        for layer, n_in in enumerate((n_first, units, units)):
            linear(f"{mlp}.{3 * layer}", n_in, units)
            norm = f"decoder.{mlp}.{3 * layer + 1}"
            shapes[f"{norm}.weight"] = shapes[f"{norm}.bias"] = (units,)
    for gate, n_in in (("ih", 2 * units), ("hh", units)):
        shapes[f"decoder.gru.weight_{gate}_l0"] = (3 * units, n_in)
        shapes[f"decoder.gru.bias_{gate}_l0"] = (3 * units,)
    for head, n_out in head_sizes(config.synth, d.n_harmonics, d.n_bands).items():
        linear(f"head_{head}", units, n_out)
    if config.synth == "wavetable":
        shapes["oscillators.tables"] = (N_TABLES, 2, d.n_harmonics)
    return shapes


def _check_shapes(path: Path, voice: VoiceFile) -> None:
    found = {name: tensor.shape for name, tensor in voice.tensors.items()}
    expected = expected_shapes(voice.config)
    for name in sorted(expected.keys() | found.keys()):
        if expected.get(name) != found.get(name):
            given = f"{name} has shape {found.get(name)}"
            raise VoiceError(str(path), given, f"{expected.get(name)} by its own header")
    bad = [name for name, tensor in voice.tensors.items() if not np.isfinite(tensor).all()]
    if bad:
        raise VoiceError(str(path), f"{bad[0]} holds NaN or infinity", "finite numbers")
