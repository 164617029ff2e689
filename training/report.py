"""`chanterelle-train report`: a voice on one page, to be heard, seen and compared with others.

The page is one file that fetches nothing: players, plots and tables lie inside it. Every figure on
it comes from evaluate.py, every sound from the held-out recordings or the bundled singing.
"""

import csv
import json
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from rich.console import Console

from ddsp_core.checkpoint import FILE_NAME as VOICE_FILE
from ddsp_core.checkpoint import load_voice
from ddsp_core.errors import VoiceError, did_you_mean
from ddsp_core.voice import voice_from_file
from training import curve as curves
from training.augmentation import Batch
from training.cross_matrix import unlike
from training.dataset import Clip, Dataset
from training.evaluate import Evaluation, Options, as_plain, evaluate
from training.held_out import clips_of, evaluate_split
from training.listening import Heard, hear_resynthesis, rooms
from training.metrics import SplitMetrics
from training.segments import Split
from training.whole_files import write_whole

FOLDER = "voice"
"""Of a run: what plays lies there, a folder a room."""
HELD_OUT: tuple[Split, ...] = ("validation", "test")
N_CLIPS = 3

Curve = dict[str, NDArray[np.float64]]


class Material(NamedTuple):
    """Everything on the page. Voices by name, the one that the report is about first."""

    dataset: str
    evaluations: dict[str, Evaluation]
    recording: dict[str, SplitMetrics]
    """Of the recordings themselves, played back as they are: what the trackers make of them."""
    resynthesised: dict[str, list[Heard]]
    room: NDArray[np.float32]
    """Impulse response without the direct sound. Shape: (length,)."""
    sample_rate: int
    curve: Curve | None
    """By heading of the run's curve; None where there is no curve."""


def run_report(
    place: Path,
    dataset_path: Path,
    out: Path,
    beside: Sequence[Path],
    options: Options,
    *,
    as_json: bool,
) -> None:
    """Writes the page, and prints where it is (or all figures as one JSON object).

    Args:
        place: a run, or a voice folder.
        beside: voices to compare with.
    Raises:
        VoiceError: no voice there, or a damaged one.
        RecipeError: no dataset there, features unlike those of a voice, or the disk is full.
    """
    from training.report_page import report_page

    material = gather(place, dataset_path, beside, options)
    write_whole(out, report_page(material).encode())
    if as_json:
        voices = {name: as_plain(found) for name, found in material.evaluations.items()}
        print(json.dumps({"page": str(out), "voices": voices}, allow_nan=False))
    else:
        Console().print(f"{out}: {out.stat().st_size / 1e6:.1f} MB, one file, opens in a browser")


def gather(place: Path, dataset_path: Path, beside: Sequence[Path], options: Options) -> Material:
    """Evaluates, plays and reads everything that the page shows."""
    options = options._replace(splits=HELD_OUT)
    folders = [voice_folder(folder, options.room) for folder in (place, *beside)]
    names = unlike(folders)
    evaluations = {
        name: evaluate(folder, dataset_path, options)
        for name, folder in zip(names, folders, strict=True)
    }
    main = evaluations[names[0]]
    held_out = {split: Dataset(dataset_path, split) for split in main.splits}
    examples = spread(clips_of(next(iter(held_out.values())), main.room), N_CLIPS)
    voices = {
        name: voice_from_file(load_voice(folder))
        for name, folder in zip(names, folders, strict=True)
    }
    return Material(
        dataset_path.name,
        evaluations,
        {
            split: evaluate_split(dataset, _as_recorded, _no_loss, main.room, options.judge)
            for split, dataset in held_out.items()
        },
        {name: hear_resynthesis(examples, voice) for name, voice in voices.items()},
        rooms(voices[names[0]])[0],
        voices[names[0]].config.sample_rate,
        read_curve(place, folders[0]),
    )


def voice_folder(place: Path, room: str | None) -> Path:
    """The voice that a run or a voice folder holds.

    Args:
        room: of a run with several; None: the first by name.
    Raises:
        VoiceError: there is none.
    """
    if (place / VOICE_FILE).is_file() or not (place / FOLDER).is_dir():
        return place
    there = {path.parent.name: path.parent for path in (place / FOLDER).glob(f"*/{VOICE_FILE}")}
    if not there:
        allowed = "a run that was validated once, or a folder of a voice"
        raise VoiceError(str(place), "no voice in it yet", allowed, "train it further")
    if room is not None and room not in there:
        raise VoiceError(str(place), f"no voice for the room {room!r}", did_you_mean(room, there))
    return there[room] if room is not None else there[sorted(there)[0]]


def read_curve(place: Path, folder: Path) -> Curve | None:
    """The curve of training that lies in a run, or beside a voice; None where there is none."""
    for path in (place / curves.FILE_NAME, folder / curves.FILE_NAME):
        if path.is_file():
            with path.open(newline="", encoding="utf-8") as file:
                lines = [line for line in csv.DictReader(file) if None not in line.values()]
            names = lines[0] if lines else ()
            return {name: np.array([_number(line[name]) for line in lines]) for name in names}
    return None


def spread(clips: Sequence[Clip], n: int) -> list[Clip]:
    """At most n clips, evenly over all that last; scraps only where there is nothing else."""
    lengths = [clip.batch.f0_hz.shape[1] - clip.n_context for clip in clips]
    long_enough = max(lengths) / 2
    lasting = [clip for clip, length in zip(clips, lengths, strict=True) if length >= long_enough]
    places = np.linspace(0, len(lasting) - 1, min(n, len(lasting)))
    return [lasting[round(place)] for place in places]


def _as_recorded(batch: Batch) -> NDArray[np.float32]:
    return np.asarray(batch.audio[0])


def _no_loss(_recorded: NDArray[np.float32], _played: NDArray[np.float32]) -> float:
    return 0.0  # of a recording against itself


def _number(text: str | None) -> float:
    try:
        return float(text or "")
    except ValueError:
        return float("nan")
