"""`chanterelle-train prepare --tfrecord`: DDSP's and NSynth's TFRecords in, datasets out.

Windows that overlap become recordings again (overlaps.py), so that the splits are made in recorded
time. The recordings are written into the dataset as sound files and measured by the live extractor
like any other; the file's own f0, where its confidence is high, is what octave errors are put right
with and what the live tracker is compared to. Its loudness is compared with ours, and not used.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from glob import glob
from pathlib import Path
from typing import NamedTuple

import soundfile
from rich.console import Console
from rich.progress import track

from ddsp_core.errors import AudioError, RecipeError, did_you_mean
from ddsp_core.features import FeatureExtractor
from training.index import Index
from training.known_pitch import store_measured
from training.magenta_features import Relation, relate
from training.overlaps import Piece, join_windows
from training.prepare import Options, prepare
from training.tfrecord import read_record, read_records
from training.tfrecord_recordings import TFRecording, recording_of
from training.tfrecord_windows import Window, read_window

IN_MEMORY = 32
"""Windows; 4 s each, 250 kB."""


class Place(NamedTuple):
    """Where a window stands, and which instrument family it is of ('': not said)."""

    path: Path
    number: int
    offset: int
    family: str


class Windows:
    """The windows of one dataset by number, read again from their files as they are needed."""

    def __init__(self, places: Sequence[Place], rate_hz: int | None) -> None:
        self.places = places
        self.rate_hz = rate_hz
        self.read = lru_cache(maxsize=IN_MEMORY)(self._read)

    def _read(self, n: int) -> Window:
        path, number, offset, _ = self.places[n]
        return read_window(read_record(path, number, offset), self.rate_hz)


def prepare_tfrecord(
    patterns: Sequence[str],
    out: Path,
    options: Options,
    families: Sequence[str] = (),
    rate_hz: int | None = None,
    console: Console | None = None,
) -> dict[str, Index]:
    """Makes a dataset in `out`, or one in `out`/FAMILY for each of several instrument families.

    Args:
        patterns: TFRecord files or glob patterns of such.
        families: NSynth families to use; none: all that are there.
        rate_hz: of the audio where the records do not say; None: 16 kHz.

    Returns:
        Family ('' where the files know none) to index.
    Raises:
        AudioError: a file is missing, damaged or holds something else.
        RecipeError: no such family.
    """
    console = console or Console()
    places = [place for file in _files(patterns) for place in _places(file, rate_hz, console)]
    chosen = _choose(places, families)
    indexes = {}
    for family, members in chosen.items():
        folder = out / (family or "other") if len(chosen) > 1 else out
        windows = Windows(members, rate_hz)
        indexes[family] = _prepare_one(windows, folder, family, options, console)
    return indexes


def _files(patterns: Sequence[str]) -> list[Path]:
    files: dict[Path, None] = {}
    for pattern in patterns:
        # A pattern may begin with a folder, or at the root: Path.glob takes neither.
        found = sorted(map(Path, glob(pattern))) or [Path(pattern)]  # noqa: PTH207
        if not found[0].is_file():
            raise AudioError("--tfrecord", f"nothing matches {pattern}", "TFRecord files")
        files.update(dict.fromkeys(found))
    return list(files)


def _places(path: Path, rate_hz: int | None, console: Console) -> list[Place]:
    places = []
    for record in track(read_records(path), path.name, console=console, transient=True):
        window = read_window(record, rate_hz)
        places.append(Place(path, record.number, record.offset, window.family))
    return places


def _choose(places: Sequence[Place], families: Sequence[str]) -> dict[str, list[Place]]:
    by_family: dict[str, list[Place]] = defaultdict(list)
    for place in places:
        by_family[place.family].append(place)
    for family in families:
        if family not in by_family:
            there = did_you_mean(family, filter(None, by_family))
            raise RecipeError("--family", f"no windows of {family!r}", there)
    return {family: by_family[family] for family in families or sorted(by_family)}


def _prepare_one(
    windows: Windows, out: Path, family: str, options: Options, console: Console
) -> Index:
    chains = join_windows(len(windows.places), lambda n: windows.read(n).audio)
    console.print(_joined_line(family, len(windows.places), chains))
    extractor = FeatureExtractor(options.sample_rate, options.hop_size)
    relation = relate((recording_of(chain, windows.read) for chain in chains), extractor)
    sounds = out / "sounds" / (family or "tfrecord")
    _empty(sounds)
    for chain in track(chains, "measuring", console=console, transient=True):
        _store(recording_of(chain, windows.read), sounds, out, relation, extractor)
    index = prepare([sounds], out, replace(options, room_by="session", reference="known"), console)
    console.print(relation.line, highlight=False)
    file_rate = windows.read(0).sample_rate
    if file_rate < options.sample_rate:
        console.print(f"the files have {file_rate} Hz: nothing sounds above {file_rate // 2} Hz")
    return index


def _joined_line(family: str, n_windows: int, chains: Sequence[Sequence[Piece]]) -> str:
    n_twice = n_windows - sum(len(chain) for chain in chains)
    twice = f", {n_twice} of them twice or silent" if n_twice else ""
    return f"{family or 'TFRecord'}: {n_windows} windows{twice}, from {len(chains)} recordings"


def _empty(folder: Path) -> None:
    """Sounds of another set of files are not ours to train on."""
    folder.mkdir(parents=True, exist_ok=True)
    for file in folder.glob("*.wav"):
        file.unlink()


def _store(
    recording: TFRecording,
    sounds: Path,
    out: Path,
    relation: Relation,
    extractor: FeatureExtractor,
) -> None:
    sound = sounds / f"{recording.name}.wav"
    soundfile.write(sound, recording.audio, recording.sample_rate, subtype="PCM_24")
    store_measured(sound, recording.pitch_curve(relation.pitch_late_s), out, extractor)
