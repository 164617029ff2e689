"""Zips to test with: a good bundle, taken apart and put together again with something wrong."""

import io
import zipfile
from pathlib import Path

import numpy as np
import pytest
import soundfile
from voices import config, random_file

from ddsp_core.checkpoint import save_voice
from ddsp_core.errors import PresetError
from realtime.bundle_export import export_preset
from realtime.bundle_import import import_bundle

TEXT = """\
voice: ./mine # the teacher's
title: Solo
also:
  - {voice: ./mine, controls: {octave_shift: -1}}
"""

Members = list[tuple[str | zipfile.ZipInfo, bytes]]


def a_voice(folder: Path, seed: int = 0, sample_rate: int = 48_000) -> Path:
    """A small random voice with a card."""
    folder.mkdir(parents=True)
    sizes = config(n_units=8, sample_rate=sample_rate)
    save_voice(folder / "voice.safetensors", random_file(sizes, seed))
    (folder / "card.md").write_text("# Whom to thank\n")
    (folder / "voice.yaml").write_text("name: mine\n")
    return folder


def a_preset_folder(folder: Path, text: str = TEXT) -> Path:
    """A preset with a voice of its own and an impulse response; returns the YAML's path."""
    a_voice(folder / "mine")
    rng = np.random.default_rng(0)
    soundfile.write(folder / "hall.wav", rng.normal(0, 0.1, (2400, 2)), 48000, "PCM_16")
    path = folder / "solo.yaml"
    path.write_text(text)
    return path


def members_of(bundle: Path) -> Members:
    """Names and contents, in order."""
    with zipfile.ZipFile(bundle) as file:
        return [(name, file.read(name)) for name in file.namelist()]


def a_bundle(folder: Path, text: str = TEXT) -> Members:
    """The members of a good bundle, exported from a fresh preset in this folder."""
    export_preset(str(a_preset_folder(folder, text)), folder / "solo.chanterelle")
    return members_of(folder / "solo.chanterelle")


def put_together(path: Path, members: Members, packing: int = zipfile.ZIP_STORED) -> Path:
    """A zip of these members, however odd."""
    path.write_bytes(zipped(members, packing))
    return path


def zipped(members: Members, packing: int = zipfile.ZIP_STORED) -> bytes:
    """Likewise, as bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", packing) as file:
        for name, data in members:
            file.writestr(name, data)
    return buffer.getvalue()


def everything_below(folder: Path) -> set[str]:
    """Relative paths of all that is there, hidden files too."""
    return {str(path.relative_to(folder)) for path in folder.rglob("*")}


def refused(tmp_path: Path, members: Members, packing: int = zipfile.ZIP_STORED) -> str:
    """The error's text, and the proof that nothing else happened."""
    bundle = put_together(tmp_path / "x.chanterelle", members, packing)
    before = everything_below(tmp_path)
    with pytest.raises(PresetError) as caught:
        import_bundle(bundle)
    assert everything_below(tmp_path) == before
    message = str(caught.value)
    assert str(tmp_path) not in message, "it speaks of the bundle, not of our folders"
    assert "\n" not in message
    return message


def with_text(good: Members, name: str, text: bytes) -> Members:
    """With other contents in one of the members."""
    return [(known, text if known == name else data) for known, data in good]
