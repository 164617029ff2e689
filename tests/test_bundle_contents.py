"""Bundles whose members are all allowed, and wrong: a preset, voice, room or manifest."""

import io
import json
from pathlib import Path

import numpy as np
import pytest
import soundfile
from bundles import Members, a_bundle, put_together, refused, with_text

from ddsp_core.errors import PresetError
from realtime.bundle_import import import_bundle


@pytest.fixture(autouse=True)
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CHANTERELLE_CONFIG", str(tmp_path / "own"))
    return tmp_path / "own"


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Members:
    return a_bundle(tmp_path_factory.mktemp("good"))


@pytest.mark.parametrize(
    "line",
    [
        "voice: violin",
        "voice: ../../violin",
        "voice: /",
        "voice: ./voices",
        "voice: ./voices/other",
        "voice: ./voices/../voices/mine/..",
    ],
)
def test_voices_that_did_not_come_along_are_refused(
    tmp_path: Path, good: Members, line: str
) -> None:
    assert "voice" in refused(tmp_path, with_text(good, "preset.yaml", line.encode()))


def test_what_lies_on_this_computer_is_no_part_of_a_bundle(tmp_path: Path, good: Members) -> None:
    alone = with_text(good[:2], "preset.yaml", b"voice: violin")
    assert "'violin' did not come along" in refused(tmp_path, alone)
    soundfile.write(tmp_path / "mine.wav", np.ones((100, 1)), 48000)
    room = f"effects: {{output: [{{kind: room, file: {tmp_path}/mine.wav}}]}}".encode()
    text = b"voice: ./voices/mine\n" + room
    with pytest.raises(PresetError, match=r"mine.wav' did not come along"):
        import_bundle(put_together(tmp_path / "x", with_text(good, "preset.yaml", text)))


@pytest.mark.parametrize("file", ["rooms/x.wav", "./x.vst3"])
def test_plugins_never_come_along(tmp_path: Path, good: Members, file: str) -> None:
    text = f"voice: ./voices/mine\neffects: {{input: [{{kind: plugin, file: {file}}}]}}"
    message = refused(tmp_path, with_text(good, "preset.yaml", text.encode()))
    assert "a plug-in of this computer, by its whole path" in message


def test_plugins_that_are_named_are_told(tmp_path: Path, good: Members) -> None:
    text = b"voice: ./voices/mine\neffects: {input: [{kind: plugin, file: /x.vst3}]}"
    bundle = put_together(tmp_path / "x.chanterelle", with_text(good, "preset.yaml", text))
    assert import_bundle(bundle).plugins == ("/x.vst3",)


def test_an_hour_of_silence_is_not_unpacked_as_a_room(tmp_path: Path, good: Members) -> None:
    buffer = io.BytesIO()
    soundfile.write(buffer, np.zeros((8_000_000, 1), np.int16), 48000, format="FLAC")
    text = b"voice: ./voices/mine\neffects: {input: [{kind: room, file: rooms/x.flac}]}"
    members = [*with_text(good, "preset.yaml", text), ("rooms/x.flac", buffer.getvalue())]
    assert "rooms/x.flac: 167 s of sound" in refused(tmp_path, members)


def test_a_voice_that_nobody_uses_is_refused(tmp_path: Path, good: Members) -> None:
    voice = next(data for name, data in good if str(name).endswith(".safetensors"))
    more: Members = [("voices/other/voice.safetensors", voice)]
    assert "voices/other/voice.safetensors: nothing uses it" in refused(tmp_path, [*good, *more])


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("preset.yaml", b"voice: ./voices/mine\ncontrols: {room_mix: 3}", "x.chanterelle: preset."),
        ("preset.yaml", b"voice: [", "preset.yaml: line 1, column 9: "),
        ("preset.yaml", b"\xff", "not UTF-8"),
        ("voices/mine/voice.safetensors", b"no voice", "damaged or cut short"),
        ("voices/mine/card.md", b"\xff", "not UTF-8"),
        ("manifest.json", b"{}", "not understood"),
        ("manifest.json", b"[" * 4000, "not understood"),
        ("manifest.json", b"\xff\xfe", "not understood"),
    ],
)
def test_members_with_a_mistake_are_named(
    tmp_path: Path, good: Members, name: str, data: bytes, message: str
) -> None:
    assert message in refused(tmp_path, with_text(good, name, data))


@pytest.mark.parametrize(
    ("key", "value"),
    [("format", "x"), ("version", 2), ("version", "1"), ("kind", "plugin"), ("name", "../x")],
)
def test_a_manifest_of_another_kind_is_refused(
    tmp_path: Path, good: Members, key: str, value: object
) -> None:
    manifest = {"format": "chanterelle", "version": 1, "kind": "preset", "name": "x", key: value}
    refused(tmp_path, with_text(good, "manifest.json", json.dumps(manifest).encode()))


def test_a_preset_that_says_it_is_a_voice_is_refused(tmp_path: Path, good: Members) -> None:
    manifest = {"format": "chanterelle", "version": 1, "kind": "voice", "name": "x"}
    members = with_text(good, "manifest.json", json.dumps(manifest).encode())
    assert "more or less than a voice" in refused(tmp_path, members)


def test_a_member_that_is_missing_is_said(tmp_path: Path, good: Members) -> None:
    for missing in range(len(good)):
        if str(good[missing][0]).rpartition("/")[2] not in ("card.md", "voice.yaml"):
            refused(tmp_path, good[:missing] + good[missing + 1 :])
