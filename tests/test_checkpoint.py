"""Voice files: what goes in comes out, and what is broken says so."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import voices
from safetensors.numpy import load_file, save_file

from ddsp_core import checkpoint
from ddsp_core.checkpoint import FILE_NAME, VoiceFile, expected_shapes, load_voice, save_voice
from ddsp_core.errors import VoiceError
from ddsp_core.synths import SYNTHS, SynthName

PACKAGES = [Path(__file__).parent.parent / name for name in ("ddsp_core", "realtime", "training")]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    save_voice(tmp_path / FILE_NAME, voices.random_file())
    return tmp_path


@pytest.mark.parametrize("synth", SYNTHS)
def test_round_trip(folder: Path, synth: SynthName) -> None:
    saved = voices.random_file(voices.config(synth=synth))
    save_voice(folder / FILE_NAME, saved)
    loaded = load_voice(folder)
    assert loaded[:4] == saved[:4]
    assert loaded.tensors.keys() == saved.tensors.keys()
    for name, tensor in saved.tensors.items():
        assert loaded.tensors[name].dtype == np.float32
        np.testing.assert_array_equal(loaded.tensors[name], tensor.astype(np.float16))
    assert [path.name for path in folder.iterdir()] == [FILE_NAME]


def test_a_file_from_before_there_was_a_choice_is_harmonic(folder: Path) -> None:
    def change(header: dict[str, str], _: dict[str, Any]) -> None:
        config = json.loads(header["config"])
        assert config.pop("synth") == "harmonic"
        header["config"] = json.dumps(config)

    rewritten(change)(folder / FILE_NAME)
    assert load_voice(folder).config == voices.random_file().config


@pytest.mark.parametrize("synth", SYNTHS)
def test_shapes_are_those_of_the_module(synth: SynthName) -> None:
    file = voices.random_file(voices.config(synth=synth))
    found = {name: tensor.shape for name, tensor in file.tensors.items()}
    assert found == expected_shapes(file.config)


def header_of(path: Path) -> tuple[dict[str, str], dict[str, Any]]:
    raw = path.read_bytes()
    size = int.from_bytes(raw[:8], "little")
    return json.loads(raw[8 : 8 + size])["__metadata__"], load_file(path)


def rewritten(change: Callable[[dict[str, str], dict[str, Any]], None]) -> Callable[[Path], None]:
    """Opens the file, lets `change` at header and tensors, writes it again."""

    def spoil(path: Path) -> None:
        header, tensors = header_of(path)
        change(header, tensors)
        save_file(tensors, path, header)

    return spoil


def with_config(**values: Any) -> Callable[[Path], None]:
    def change(header: dict[str, str], tensors: dict[str, Any]) -> None:
        config = json.loads(header["config"])
        for key, value in values.items():
            (config["decoder"] if key in config["decoder"] else config)[key] = value
        header["config"] = json.dumps(config)

    return rewritten(change)


def put(name: str, value: Any) -> Callable[[Path], None]:
    return rewritten(lambda header, tensors: tensors.update({name: np.float16(value)}))


def cut(n_bytes: int) -> Callable[[Path], None]:
    return lambda path: path.write_bytes(path.read_bytes()[:n_bytes])


BIAS = "decoder.head_amplitude.bias"
SCALING = {"mean": 0.0, "deviation": 1.0, "minimum": 0.0, "maximum": 1.0}
SPOILED = {
    "missing": (lambda path: path.unlink(), "no such file"),
    "cut short": (cut(5000), "cut short"),
    "cut in the header": (cut(100), "cut short"),
    "empty": (cut(0), "cut short"),
    "not a voice": (lambda path: path.write_bytes(b"RIFF....WAVEfmt " * 100), "cut short"),
    "a pickle": (lambda path: path.write_bytes(b"\x80\x04cos\nsystem\n(S'true'\ntR."), "cut short"),
    "other version": (rewritten(lambda header, _: header.update(version="2")), "version 2"),
    "other format": (rewritten(lambda header, _: header.update(format="x")), "format x"),
    "no header": (rewritten(lambda header, _: header.clear()), "format None"),
    "no config": (rewritten(lambda header, _: header.pop("config")), "config"),
    "config is no JSON": (rewritten(lambda header, _: header.update(config="{")), "JSON"),
    "config is a list": (rewritten(lambda header, _: header.update(config="[]")), "damaged"),
    "unknown key": (with_config(decoder={"colour": 1}), "damaged"),
    "wrong shape": (put(BIAS, [1.0, 2.0]), r"head_amplitude.bias has shape \(2,\)"),
    "other units": (with_config(n_units=32), "by its own header"),
    "extra tensor": (put("decoder.more", [1.0]), r"decoder.more has shape \(1,\)"),
    "tensor missing": (rewritten(lambda _, tensors: tensors.pop(BIAS)), "has shape None"),
    "NaN": (put(BIAS, [np.nan]), "NaN"),
    "infinity": (put(BIAS, [np.inf]), "infinity"),
    "sizes are words": (with_config(n_units="many"), "n_units"),
    "no hop": (with_config(hop_size=0), "hop_size"),
    "endless hop": (with_config(hop_size=10**9), "hop_size"),
    "no rate": (with_config(sample_rate=None), "sample_rate"),
    "unknown synth": (
        with_config(synth="harmonics"),
        "'harmonics': did you mean harmonic. There are: harmonic, sinusoidal, wavetable",
    ),
    "synth is a number": (with_config(synth=3), "there are: harmonic, sinusoidal, wavetable"),
    "another synth's tensors": (
        with_config(synth="wavetable"),
        r"head_harmonics.bias has shape \(12,\): None by its own header",
    ),
    "no range": (with_config(pitch={**SCALING, "minimum": 1.0}), "pitch"),
    "no deviation": (with_config(loudness={**SCALING, "deviation": 0.0}), "loudness"),
    "mean is NaN": (with_config(loudness={**SCALING, "mean": float("nan")}), "loudness"),
}


@pytest.mark.parametrize(("spoil", "says"), SPOILED.values(), ids=SPOILED.keys())
def test_a_spoiled_file_says_what_is_wrong(
    folder: Path, spoil: Callable[[Path], None], says: str
) -> None:
    spoil(folder / FILE_NAME)
    with pytest.raises(VoiceError, match=says) as caught:
        load_voice(folder)
    assert str(folder / FILE_NAME) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_huge_file_is_not_even_opened(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with (folder / FILE_NAME).open("r+b") as file:
        file.truncate(checkpoint.MAX_FILE_BYTES + 1)  # sparse
    monkeypatch.setattr(checkpoint, "safe_open", None)
    with pytest.raises(VoiceError, match=f"at most {checkpoint.MAX_FILE_BYTES}"):
        load_voice(folder)


def test_the_old_file_survives_a_failing_save(folder: Path) -> None:
    before = (folder / FILE_NAME).read_bytes()
    broken = voices.random_file()._replace(statistics={"a set": {1, 2}})
    with pytest.raises(TypeError):
        save_voice(folder / FILE_NAME, VoiceFile(*broken))
    assert (folder / FILE_NAME).read_bytes() == before


def test_nothing_unpickles() -> None:
    sources = [path for package in PACKAGES for path in package.rglob("*.py")]
    forbidden = (
        "pickle.load",
        "pickle.Unpickler(",
        "weights_only=False",
        "allow_pickle=True",
        "torch.jit.load",
        "joblib.load",
    )
    for path in sources:
        text = path.read_text(encoding="utf-8")
        assert not [word for word in forbidden if word in text], path
        assert text.count("torch.load(") == text.count("weights_only=True"), path
