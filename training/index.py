"""The table of contents of a dataset, `index.json`: strict, so that a stale dataset is noticed."""

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from ddsp_core.errors import RecipeError
from training.reference_pitch import Reference
from training.segments import Segment

FILE_NAME = "index.json"
FORMAT = 2
READABLE = (1, 2)
"""Format 1 knew no test split and one reference alone; what came with 2 has a default."""


class Strict(BaseModel):
    """Unknown keys and wrong types are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Agreement(Strict):
    """The live pitch tracker beside an offline one, over the usable frames."""

    median_cents: float
    within_50_cents: float
    n_frames: int


class Entry(Strict):
    """One recording: where it is stored and what of it is used."""

    name: str
    stored: str
    content_hash: str
    room: int
    kind: Literal["phrases", "notes"]
    gain_db: float
    duration_s: float
    segments: list[Segment]
    left_out_s: dict[str, float]
    agreement: Agreement | None

    def used_s(self, split: str | None, frame_rate: float) -> float:
        """Seconds of one split; None: of all."""
        chosen = [s for s in self.segments if split in (None, s.split)]
        return sum(s.end - s.start for s in chosen) / frame_rate


class Statistics(Strict):
    """Of the training frames with a clear pitch, after the gain. Quantiles by percentage."""

    loudness_mean_db: float
    loudness_deviation_db: float
    loudness_quantiles_db: dict[str, float]
    f0_mean_midi: float
    f0_deviation_midi: float
    f0_quantiles_hz: dict[str, float]
    train_hours: float
    validation_hours: float
    test_hours: float = 0.0


class Index(Strict):
    """A whole dataset."""

    format: int
    sample_rate: int
    hop_size: int
    delay_samples: int
    definition: dict[str, str | int | float]
    loudness_target_db: float
    pitch: Literal["live", "repaired"]
    """Whether f0 is the live tracker's as it stands, or with its octave errors put right."""
    reference: Reference = "swift-f0"
    """The offline tracker that the live one was measured against."""
    rooms: list[str]
    recordings: list[Entry]
    statistics: Statistics

    @property
    def frame_rate(self) -> float:
        """Feature frames a second."""
        return self.sample_rate / self.hop_size


def write_index(index: Index, folder: Path) -> None:
    """Writes index.json in one piece."""
    partial = folder / (FILE_NAME + ".partial")
    partial.write_text(index.model_dump_json(indent=1), encoding="utf-8")
    partial.replace(folder / FILE_NAME)


def read_index(folder: Path) -> Index:
    """Reads the index of a dataset; raises RecipeError where there is none or it does not fit."""
    path = folder / FILE_NAME
    todo = "make it with `chanterelle-train prepare AUDIO... --out DATASET`"
    try:
        index = Index.model_validate_json(path.read_bytes())
    except OSError:
        raise RecipeError(str(folder), f"no {FILE_NAME} in it", "a dataset", todo) from None
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise RecipeError(f"{path}: {place}", first["msg"], "a dataset's index", todo) from None
    if index.format not in READABLE:
        allowed = f"format {' or '.join(str(known) for known in READABLE)}"
        raise RecipeError(str(path), f"format {index.format}", allowed, todo)
    return index
