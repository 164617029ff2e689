"""What a browser brings: bounded, named by us, decoded elsewhere."""

import asyncio
import os
import resource
import struct
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
import soundfile
from fastapi import FastAPI

from ddsp_core.errors import AudioError
from realtime.console import decode as decode_module
from realtime.console import decode_worker, uploads
from realtime.console.console import Address, Console
from realtime.console.decode import Decoded, decode
from realtime.console.uploads import decode_upload, folder_of, harmless, register_uploads

RATE_HZ = 48_000
SONG = (0.1 * np.sin(np.arange(RATE_HZ // 2)[:, None] * [0.01, 0.02])).astype(np.float32)


@pytest.fixture
def console(tmp_path: Path) -> Console:
    return Console(Address(8320, "x"), None, tmp_path, None, tmp_path / "work")


def put(console: Console, name: str, body: Any, **headers: str) -> httpx.Response:
    web = FastAPI()
    register_uploads(web, console)

    async def asked() -> httpx.Response:
        transport = httpx.ASGITransport(web)
        async with httpx.AsyncClient(transport=transport, base_url="http://x") as client:
            return await client.put(f"/upload/{name}", content=body, headers=headers)

    return asyncio.run(asked())


def sound(folder: Path, name: str = "a.flac", channels: int = 2) -> Path:
    path = folder / name
    soundfile.write(path, np.repeat(SONG[:, :1], channels, axis=1), RATE_HZ)
    return path


def read(path: Path) -> Decoded:
    return asyncio.run(decode(path, path.parent / "decoded.wav"))


# Taking


def test_a_song_is_taken_and_decoded(console: Console, tmp_path: Path) -> None:
    body = sound(tmp_path).read_bytes()
    answer = put(console, "My%20Song.FLAC", body)
    assert answer.status_code == 201
    name = answer.json()["name"]
    assert name.startswith("my_song-")
    decoded = asyncio.run(decode_upload(console, name))
    assert (decoded.sample_rate, decoded.n_channels, decoded.is_cut) == (RATE_HZ, 2, False)
    assert decoded.duration_s == pytest.approx(0.5)
    assert soundfile.info(decoded.path).subtype == "FLOAT"


@pytest.mark.parametrize("name", ["a.exe", "a", ".wav", "a.wav.html", "..", "%00", "a.raw", "%2f"])
def test_other_files_are_not_taken(console: Console, name: str) -> None:
    answer = put(console, name, b"x")
    assert answer.status_code in (404, 415)
    assert not list(folder_of(console).iterdir())


@pytest.mark.parametrize(
    "name", ["../../x.wav", "/etc/x.wav", "..\\x.wav", "-rf.wav", "a\nb.wav", "é" * 300 + ".wav"]
)
def test_names_lead_nowhere(name: str) -> None:
    given = harmless(name)
    assert Path(given).name == given
    assert given.isascii()
    assert len(given) < 80
    assert not given.startswith((".", "-"))


def test_a_file_that_is_too_long_is_refused_whether_it_says_so_or_not(
    console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "MOST_BYTES", 10_000)

    async def piecewise() -> AsyncIterator[bytes]:
        for _ in range(20):
            yield b"x" * 1000

    assert put(console, "a.wav", b"x" * 10_001).status_code == 413
    assert put(console, "a.wav", piecewise()).status_code == 413
    assert put(console, "a.wav", b"x", **{"Content-Length": "-1"}).status_code == 413
    assert not list(folder_of(console).iterdir())
    assert put(console, "a.wav", b"x" * 10_000).status_code == 201


def test_an_empty_file_and_one_that_stops_coming_leave_nothing(
    console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "PATIENCE_S", 0.05)

    async def stopping() -> AsyncIterator[bytes]:
        yield b"x"
        await asyncio.sleep(30.0)

    assert put(console, "a.wav", b"").status_code == 400
    assert put(console, "a.wav", stopping()).status_code == 408
    assert not list(folder_of(console).iterdir())


def test_a_full_disk_is_said(console: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "LEAST_FREE_BYTES", 1 << 62)
    answer = put(console, "a.wav", b"x")
    assert answer.status_code == 507
    assert "disk" in answer.json()["error"]


def test_the_oldest_make_room(console: Console) -> None:
    names = [put(console, f"song{n}.wav", b"x").json()["name"] for n in range(uploads.MOST_FILES)]
    for age, name in enumerate(names):
        os.utime(folder_of(console) / name, (1000.0 + age, 1000.0 + age))
    put(console, "last.wav", b"x")
    there = {path.name for path in folder_of(console).iterdir()}
    assert len(there) == uploads.MOST_FILES
    assert names[0] not in there


def test_an_error_has_the_name_that_a_person_knows(console: Console) -> None:
    name = put(console, "song.wav", b"hello" * 100).json()["name"]
    with pytest.raises(AudioError, match=r"song.wav: cannot be read \(Format not recognised\)"):
        asyncio.run(decode_upload(console, name))


@pytest.mark.parametrize("name", ["../../etc/passwd", "", "x.wav", "/etc/hostname", "a" * 5000])
def test_what_was_not_uploaded_is_not_decoded(console: Console, name: str) -> None:
    with pytest.raises(AudioError, match="no such upload"):
        asyncio.run(decode_upload(console, name))


# Decoding


def header(n_bytes: int, channels: int = 1, rate_hz: int = RATE_HZ) -> bytes:
    """Of a WAV file that claims so much."""
    form = (1, channels, rate_hz, rate_hz * 2 * channels & 0xFFFFFFFF, 2 * channels, 16)
    return struct.pack(
        "<4sI8sIHHIIHH4sI", b"RIFF", 0xFFFFFFFF, b"WAVEfmt ", 16, *form, b"data", n_bytes
    )


def test_malformed_files_are_an_error_for_people(tmp_path: Path) -> None:
    flac = sound(tmp_path).read_bytes()
    soundfile.write(tmp_path / "nan.wav", SONG * np.nan, RATE_HZ, "FLOAT")
    bad = {
        "magic.flac": b"\x89PNG" + bytes(2000),
        "cut.flac": flac[:30],
        "channels.wav": header(1000, channels=1024) + bytes(4096),
        "rate.wav": header(1000, rate_hz=1) + bytes(4096),
        "nan.wav": (tmp_path / "nan.wav").read_bytes(),
    }
    for name, content in bad.items():
        (tmp_path / name).write_bytes(content)
        with pytest.raises(AudioError, match=name):
            read(tmp_path / name)
        assert not (tmp_path / "decoded.wav").exists()


def test_a_head_that_claims_hours_yields_what_is_there(tmp_path: Path) -> None:
    path = tmp_path / "claim.wav"
    path.write_bytes(header(0xFFFFFFF0) + bytes(2 * RATE_HZ))
    assert read(path).duration_s == pytest.approx(1.0)


def test_a_decoder_that_hangs_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decode_module, "WALL_S", 1.0)
    os.mkfifo(tmp_path / "endless.wav")
    with pytest.raises(AudioError, match="longer than"):
        read(tmp_path / "endless.wav")


def test_a_decoder_that_is_killed_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decode_module, "WORKER", ("-c", "import os; os.kill(os.getpid(), 11)"))
    with pytest.raises(AudioError, match="broke off"):
        read(sound(tmp_path))


def test_what_comes_out_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decode_worker, "MOST_SAMPLES", 20_000)
    answer = decode_worker.decode(sound(tmp_path), tmp_path / "out.wav")
    assert answer["is_cut"]
    assert soundfile.info(tmp_path / "out.wav").frames == 10_000


def test_many_channels_become_one(tmp_path: Path) -> None:
    answer = decode_worker.decode(sound(tmp_path, "a.wav", 6), tmp_path / "out.wav")
    assert answer["n_channels"] == 1
    mixed, _ = soundfile.read(tmp_path / "out.wav")
    assert np.abs(mixed - SONG[:, 0]).max() < 1e-4


def test_the_worker_limits_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its words are its own limits, told instead of what it decodes."""
    told = (
        "import json, os, resource; from realtime.console import decode_worker as w; w.limit();"
        "print(json.dumps({'error': str([resource.getrlimit(w) for w in w.LIMITS]"
        "+ [os.nice(0), sorted(os.environ)])}))"
    )
    monkeypatch.setattr(decode_module, "WORKER", ("-c", told))
    monkeypatch.setenv("CHANTERELLE_SECRET", "x")
    with pytest.raises(AudioError) as caught:
        read(sound(tmp_path))
    said = str(caught.value)
    assert "SECRET" not in said
    assert str(decode_worker.FILE_BYTES) in said
    assert str((decode_worker.CPU_S, decode_worker.CPU_S)) in said
    if resource.getrlimit(resource.RLIMIT_AS)[1] == resource.RLIM_INFINITY:
        assert str(decode_worker.MEMORY_BYTES) in said
