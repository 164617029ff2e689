"""`evaluate --cross`: several voices over several datasets, a figure for each pair.

A voice should do best on its own instrument, and a column says how hard a dataset is for all. Held
out stretches only. DIR/cross.csv and cross.json hold every figure, cross.png the spectral loss.
"""

import csv
import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from matplotlib.figure import Figure
from rich.console import Console
from rich.table import Table

from ddsp_core.errors import RecipeError
from training.charts import heat_map
from training.dataset import Dataset
from training.evaluate import Options, check_definition, finite, splits_of
from training.held_out import evaluate_split
from training.index import read_index
from training.metrics import SplitMetrics
from training.plots import png
from training.resynthesis import load_player, spectral_loss
from training.segments import Split
from training.whole_files import write_whole

SHOWN = "spectral_loss"


class Pair(NamedTuple):
    """What one voice reaches on one dataset."""

    voice: str
    dataset: str
    split: str
    room: str | None
    metrics: SplitMetrics


def run_cross(
    voices: Sequence[Path],
    datasets: Sequence[Path],
    out: Path | None,
    options: Options,
    *,
    as_json: bool,
) -> None:
    """Evaluates every pair; prints the matrix, or one JSON object; writes files into `out`.

    Raises:
        VoiceError: a voice is missing or damaged.
        RecipeError: a dataset is missing, or measured with other features than a voice wants.
    """
    pairs = cross(voices, datasets, options)
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        write_whole(out / "cross.csv", as_csv(pairs).encode())
        write_whole(out / "cross.json", (json.dumps(as_plain(pairs), indent=1) + "\n").encode())
        write_whole(out / "cross.png", png(matrix_plot(pairs)))
    if as_json:
        print(json.dumps(as_plain(pairs), allow_nan=False))
    else:
        Console().print(matrix_table(pairs))


def cross(voices: Sequence[Path], datasets: Sequence[Path], options: Options) -> list[Pair]:
    """All pairs, voice by voice. In the voice's own room where a dataset has it, else in all."""
    if not voices or not datasets:
        given = f"{len(voices)} voices, {len(datasets)} datasets"
        raise RecipeError("--cross VOICE... --datasets DATASET...", given, "one or more of each")
    pairs = []
    for folder, voice_name in zip(voices, unlike(voices), strict=True):
        voice = load_player(folder)
        for path, dataset_name in zip(datasets, unlike(datasets), strict=True):
            index = read_index(path)
            check_definition(index, path, voice.definition)
            room = voice.room if voice.room in index.rooms else None
            split: Split = "test" if "test" in splits_of(index, room) else "validation"
            dataset = Dataset(path, split)
            found = evaluate_split(dataset, voice.play, spectral_loss, room, options.judge)
            pairs.append(Pair(voice_name, dataset_name, split, room, found))
    return pairs


def unlike(paths: Sequence[Path]) -> list[str]:
    """Short names, no two of them alike.

    >>> unlike([Path("a/violin"), Path("a/cello"), Path("b/violin")])
    ['a/violin', 'cello', 'b/violin']
    """
    parts = [path.resolve().parts for path in paths]
    names = []
    for own in parts:
        length = 1
        while length < len(own) and sum(one[-length:] == own[-length:] for one in parts) > 1:
            length += 1
        names.append("/".join(own[-length:]))
    return names


def matrix(pairs: Sequence[Pair], figure: str = SHOWN) -> tuple[np.ndarray, list[str], list[str]]:
    """One figure of all pairs: voices down, datasets across, and their names. Shape: (V, D)."""
    voices = list(dict.fromkeys(pair.voice for pair in pairs))
    datasets = list(dict.fromkeys(pair.dataset for pair in pairs))
    values = np.full((len(voices), len(datasets)), np.nan)
    for pair in pairs:
        place = voices.index(pair.voice), datasets.index(pair.dataset)
        values[place] = getattr(pair.metrics, figure)
    return values, voices, datasets


def matrix_plot(pairs: Sequence[Pair]) -> Figure:
    """The spectral loss as a heat map."""
    return heat_map(*matrix(pairs), ("voice", "dataset", "held-out spectral loss"))


def matrix_table(pairs: Sequence[Pair]) -> Table:
    """The spectral loss, for people."""
    values, voices, datasets = matrix(pairs)
    table = Table(title="spectral loss")
    table.add_column("voice")
    for name in datasets:
        table.add_column(name, justify="right")
    for name, row in zip(voices, values, strict=True):
        table.add_row(name, *(f"{value:.3f}" for value in row))
    return table


def as_plain(pairs: Sequence[Pair]) -> dict[str, object]:
    """For JSON: a list of pairs with all figures, None where there is none."""
    return {
        "pairs": [{**pair._asdict(), "metrics": finite(pair.metrics._asdict())} for pair in pairs]
    }


def as_csv(pairs: Sequence[Pair]) -> str:
    """A line a pair; nothing where there is no figure."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow([*Pair._fields[:-1], *SplitMetrics._fields])
    for pair in pairs:
        figures = finite(pair.metrics._asdict()).values()
        writer.writerow([*pair[:-1], *(f"{x:.5g}" if x is not None else "" for x in figures)])
    return text.getvalue()
