"""`chanterelle-train export`: a voice as a folder that ships, a clap in its room, or for nn~.

The voice folder holds `voice.safetensors`, which is all that playing needs, and for people
`voice.yaml`, `card.md` and, where it is known, `curve.csv`.
"""

import re
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from ddsp_core import checkpoint
from ddsp_core.errors import RecipeError
from training import card, curve, voice_yaml
from training.clap import clap_as_wav
from training.patch_notes import patch_notes
from training.quality_file import read_quality
from training.voice_source import VoiceSource, find_voice
from training.voice_yaml import VoiceYaml, Words, describe_voice, read_voice_yaml
from training.whole_files import write_whole

CLAP = "clap.wav"
NAME = re.compile(r"\w[\w .+-]{0,99}")


class Told(NamedTuple):
    """What the person says of the voice; None: as its voice.yaml says."""

    name: str | None = None
    instrument: str | None = None
    licence: str | None = None
    attribution: Sequence[str] = ()
    quality: Path | None = None


class Target(NamedTuple):
    """Where to, and as what."""

    out: Path
    form: str = "voice"
    """voice, nn~ or clap."""
    force: bool = False
    """Write over what is there."""


def export(source: Path, target: Target, told: Told, room: str | None = None) -> list[Path]:
    """Exports a voice; returns the files that were written.

    Args:
        source: folder of a run or of a voice.
        room: which of a run's rooms; None where there is but one.
    Raises:
        VoiceError: no such voice or room; one that nn~ cannot play.
        RecipeError: files in the way, no nn-tilde, a quality file that is none, a full disk.
    """
    voice = find_voice(source, room)
    about = describe_voice(voice.file, _words(told, voice, target.out))
    names = _file_names(target.form, about.name, voice)
    _check_free(target, names)
    if target.form == "voice":
        files = _voice_folder(voice, about, target.out)
    elif target.form == "nn~":
        files = _for_nn_tilde(voice, about)
    else:
        files = {CLAP: clap_as_wav(voice.file, _copyright(about))}
    assert list(files) == names
    for name, content in files.items():
        write_whole(target.out / name, content)
    return [target.out / name for name in names]


def _file_names(form: str, name: str, voice: VoiceSource) -> list[str]:
    """What will be written; the voice itself last, so that a folder with one is whole."""
    if form == "nn~":
        return [f"{name}.txt", f"{name}.ts"]
    if form == "clap":
        return [CLAP]
    curves = [] if voice.curve is None else [curve.FILE_NAME]
    return [voice_yaml.FILE_NAME, card.FILE_NAME, *curves, checkpoint.FILE_NAME]


def _check_free(target: Target, names: Sequence[str]) -> None:
    there = [name for name in names if (target.out / name).exists()]
    if there and not target.force:
        given = f"{', '.join(there)} already there"
        todo = "choose another --out, or write over it with --force"
        raise RecipeError(str(target.out), given, "nothing there yet", todo)


def _words(told: Told, voice: VoiceSource, out: Path) -> Words:
    """What was told now before what the voice's folder says before what the file says."""
    before = read_voice_yaml(voice.folder)
    name = told.name or (before.name if before else out.resolve().name) or "voice"
    if not NAME.fullmatch(name):
        raise RecipeError("--name", repr(name), "up to 100 letters, digits, spaces and . + -")
    quality = read_quality(told.quality) if told.quality else None
    if before is None:
        return Words(
            name=name,
            instrument=told.instrument or name,
            licence=told.licence,
            attribution=list(told.attribution),
            quality=quality,
        )
    return Words(
        name=name,
        instrument=told.instrument or before.instrument,
        licence=told.licence or before.licence,
        attribution=list(told.attribution) or before.attribution,
        quality=quality or before.quality,
    )


def _voice_folder(voice: VoiceSource, about: VoiceYaml, out: Path) -> dict[str, bytes]:
    weights = (voice.folder / checkpoint.FILE_NAME).read_bytes()
    curves = {} if voice.curve is None else {curve.FILE_NAME: voice.curve.read_bytes()}
    pages = [folder / card.FILE_NAME for folder in (out, voice.folder)]
    written = [card.notes_of(page.read_text(encoding="utf-8")) for page in pages if page.is_file()]
    notes = next((text for text in written if text), None)
    page = card.card(about, len(weights), has_curve=bool(curves), notes=notes)
    return {
        voice_yaml.FILE_NAME: about.text().encode(),
        card.FILE_NAME: page.encode(),
        **curves,
        checkpoint.FILE_NAME: weights,
    }


def _for_nn_tilde(voice: VoiceSource, about: VoiceYaml) -> dict[str, bytes]:
    if find_spec("nn_tilde") is None:
        todo = 'pip install "chanterelle[nn-tilde]"'
        raise RecipeError("--format nn~", "nn-tilde is not installed", "it has to be", todo)
    from training.nn_tilde import as_torchscript

    return {
        f"{about.name}.txt": patch_notes(about).encode(),
        f"{about.name}.ts": as_torchscript(voice.file),
    }


def _copyright(about: VoiceYaml) -> str:
    return "; ".join([about.licence or "licence not stated", *about.attribution])
