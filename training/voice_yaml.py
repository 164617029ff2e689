"""`voice.yaml`: what a voice is, beside its safetensors, for people and programs to read.

Playing does not read it. Exporting does, so that a name, a licence and an attribution once given
stay with the voice.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ddsp_core.checkpoint import VoiceFile
from ddsp_core.errors import VoiceError
from ddsp_core.features import FeatureExtractor
from training.quality_file import Quality

FILE_NAME = "voice.yaml"
MAX_BYTES = 256 * 1024
FIRST_LINE = "# Written by `chanterelle-train export`. Playing reads voice.safetensors alone.\n"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Synthesis(_Strict):
    """What plays."""

    synth: str
    n_units: int
    n_harmonics: int
    n_bands: int
    reverb_len: int


class Training(_Strict):
    """How the voice came about, as its file says; older files say less."""

    room: str | None = None
    steps: int | None = None
    held_out_loss: float | None = None
    recordings: list[str] = Field(default_factory=list)
    notes: int = 0
    """Recordings of single notes."""
    recipe: dict[str, Any] | None = None
    started_from: dict[str, Any] | None = None


class VoiceYaml(_Strict):
    """Everything about a voice but its weights."""

    name: str = Field(min_length=1, max_length=100)
    instrument: str
    licence: str | None
    attribution: list[str]
    """Lines that must go wherever the voice goes."""
    sample_rate: int
    hop_size: int
    latency_ms: float
    """Between what is sung and what is played, without the sound card's share."""
    range_hz: tuple[float, float] | None
    """1 % and 99 % of the pitches heard in training."""
    loudness_range_db: tuple[float, float] | None
    """1 % and 99 % of the loudness heard in training."""
    synthesis: Synthesis
    training: Training
    statistics: dict[str, Any]
    quality: Quality | None

    def text(self) -> str:
        """As YAML."""
        values = self.model_dump(mode="json")
        return FIRST_LINE + yaml.safe_dump(values, sort_keys=False, allow_unicode=True, width=100)


class Words(BaseModel):
    """What a voice file cannot know of itself."""

    model_config = ConfigDict(frozen=True)

    name: str
    instrument: str
    licence: str | None = None
    attribution: list[str] = Field(default_factory=list)
    quality: Quality | None = None


def describe_voice(file: VoiceFile, words: Words) -> VoiceYaml:
    """Puts together what the file and the person say of a voice."""
    config, told = file.config, file.provenance
    decoder = config.decoder
    recipe = told.get("recipe")
    known = {key: told[key] for key in Training.model_fields if told.get(key) is not None}
    return VoiceYaml(
        **dict(words),
        sample_rate=config.sample_rate,
        hop_size=config.hop_size,
        latency_ms=round(1000.0 * latency_samples(file) / config.sample_rate, 2),
        range_hz=_range(file.statistics, "f0_quantiles_hz"),
        loudness_range_db=_range(file.statistics, "loudness_quantiles_db"),
        synthesis=Synthesis(
            synth=config.synth,
            n_units=decoder.n_units,
            n_harmonics=decoder.n_harmonics,
            n_bands=decoder.n_bands,
            reverb_len=config.reverb_len,
        ),
        training=Training(**{**known, "recipe": recipe if isinstance(recipe, dict) else None}),
        statistics=file.statistics,
    )


def latency_samples(file: VoiceFile) -> int:
    """The instrument's own delay: half the loudness window."""
    config = file.config
    return FeatureExtractor(config.sample_rate, config.hop_size).delay_samples


def read_voice_yaml(folder: Path) -> VoiceYaml | None:
    """What `voice.yaml` of a voice folder says; None where there is none.

    Raises:
        VoiceError: it is not YAML, or not of this form.
    """
    path = folder / FILE_NAME
    if not path.is_file():
        return None
    if path.stat().st_size > MAX_BYTES:
        raise VoiceError(str(path), f"{path.stat().st_size} bytes", f"at most {MAX_BYTES}")
    try:
        return VoiceYaml.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise VoiceError(f"{path}: {place}", repr(first["input"]), first["msg"]) from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        problem = str(error).splitlines()[0]
        raise VoiceError(str(path), f"not YAML ({problem})", "lines of `key: value`") from None


def _range(statistics: Mapping[str, Any], key: str) -> tuple[float, float] | None:
    quantiles = statistics.get(key)
    return None if quantiles is None else (quantiles["1"], quantiles["99"])
