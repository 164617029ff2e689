"""A dataset prepared again: what was held out stays held out, wherever its frames are now."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import signals
from recordings import SAMPLE_RATE, melody, prepare_quietly, write

from ddsp_core.errors import RecipeError
from training.cli import main
from training.dataset import Dataset
from training.index import Index, read_index, write_index


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder: Path = tmp_path_factory.mktemp("corpus")
    write(folder / "phrases" / "anna_one.wav", melody(24.0, SAMPLE_RATE))
    for n in range(8):
        note = signals.rich_tone(220.0 * 2 ** (n / 12), 1.0, SAMPLE_RATE)
        write(folder / "notes" / f"note{n}.wav", np.append(note, signals.silence(1.0, SAMPLE_RATE)))
    return folder


@pytest.fixture(scope="module")
def older(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """As features of 5 ms more delay would have it, dealt by other shares, 3 dB softer."""
    out: Path = tmp_path_factory.mktemp("older")
    shares: dict[str, Any] = {"validation_share": 0.3, "test_share": 0.2}
    index, _ = prepare_quietly([corpus], out, reference="none", **shares)
    recordings = [
        entry.model_copy(
            update={
                "gain_db": entry.gain_db - 3.0,
                "segments": [
                    s._replace(start=s.start + 2, end=s.end + 2, earliest=s.earliest + 2)
                    for s in entry.segments
                ],
            }
        )
        for entry in index.recordings
    ]
    changed = {"recordings": recordings, "delay_samples": index.delay_samples + 2 * 128}
    write_index(index.model_copy(update=changed), out)
    return out


def splits(index: Index) -> dict[str, list[tuple[str, float]]]:
    """Where every recording's segments begin, in samples, and what they are for."""
    return {
        entry.name: [
            (s.split, s.start * index.hop_size - index.delay_samples) for s in entry.segments
        ]
        for entry in index.recordings
    }


def test_the_same_sound_is_held_out(corpus: Path, older: Path, tmp_path: Path) -> None:
    again, _ = prepare_quietly([corpus], tmp_path, reference="none", splits_of=older)
    before = read_index(older)
    assert splits(again) == splits(before)
    assert again.delay_samples == before.delay_samples - 256
    assert [e.gain_db for e in again.recordings] == [e.gain_db for e in before.recordings]
    assert again.statistics.loudness_quantiles_db["50"] == pytest.approx(
        before.statistics.loudness_quantiles_db["50"] - 3.0, abs=0.01
    )
    held_out = list(Dataset(tmp_path, "test").clips(4.0))
    assert held_out
    assert all(clip.batch.audio.any() for clip in held_out)


def test_otherwise_the_shares_decide(corpus: Path, older: Path, tmp_path: Path) -> None:
    again, _ = prepare_quietly([corpus], tmp_path, reference="none")
    assert splits(again) != splits(read_index(older))


def test_recordings_that_are_new_are_dealt_by_the_shares(
    corpus: Path, older: Path, tmp_path: Path
) -> None:
    write(tmp_path / "more" / "berta.wav", melody(12.0, SAMPLE_RATE, peak=0.3))
    more = [corpus, tmp_path / "more"]
    out = tmp_path / "out"
    again, _ = prepare_quietly(more, out, reference="none", splits_of=older, test_share=0.0)
    found = splits(again)
    assert {split for split, _ in found.pop("more/berta.wav")} == {"train", "validation"}
    assert found == splits(read_index(older))


def test_another_hop_is_refused(corpus: Path, older: Path, tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="48000 Hz, hop 128: 48000 Hz, hop 256, as asked for"):
        prepare_quietly([corpus], tmp_path, reference="none", splits_of=older, hop_size=256)


def test_tfrecords_have_splits_of_their_own(
    older: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    flags = ["--tfrecord", "x.tfrecord", "--splits-of", str(older), "--out", str(tmp_path)]
    assert main(["prepare", *flags]) == 2
    assert "--splits-of: given with --tfrecord" in capsys.readouterr().err
