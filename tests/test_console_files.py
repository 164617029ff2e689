"""Which files a browser is given."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from realtime.console.served_files import inside, served

SOUND = bytes(range(256)) * 16


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """`takes`, with a secret beside it."""
    takes = tmp_path / "takes"
    (takes / "take 1").mkdir(parents=True)
    (takes / "take 1" / "wet.wav").write_bytes(SOUND)
    (takes / "plot.svg").write_text("<svg onload='alert(1)'/>")
    (takes / "notes.html").write_text("<script>")
    (takes / ".hidden.wav").write_bytes(SOUND)
    (tmp_path / "takes-of-others").mkdir()
    (tmp_path / "takes-of-others" / "a.wav").write_bytes(SOUND)
    (tmp_path / "secret.wav").write_bytes(SOUND)
    (takes / "way-out.wav").symlink_to(tmp_path / "secret.wav")
    (takes / "way-out").symlink_to(tmp_path)
    (takes / "way-in.wav").symlink_to(takes / "take 1" / "wet.wav")
    (takes / "round.wav").symlink_to(takes / "round.wav")
    return takes


def ask(folder: Path | Callable[[], Path], path: str, **headers: str) -> httpx.Response:
    web = FastAPI()
    served(web, "/files/takes", folder)

    async def asked() -> httpx.Response:
        transport = httpx.ASGITransport(web)
        async with httpx.AsyncClient(transport=transport, base_url="http://x") as client:
            return await client.get(f"/files/takes/{path}", headers=headers)

    return asyncio.run(asked())


def test_a_sound_is_given_whole_and_in_ranges(folder: Path) -> None:
    answer = ask(folder, "take%201/wet.wav")
    assert answer.content == SOUND
    assert answer.headers["content-type"] == "audio/wav"
    answer = ask(lambda: folder, "take%201/wet.wav", Range="bytes=10-19")
    assert answer.status_code == 206
    assert answer.content == SOUND[10:20]


def test_a_picture_runs_no_script(folder: Path) -> None:
    policy = ask(folder, "plot.svg").headers["content-security-policy"]
    assert "sandbox" in policy
    assert "default-src 'none'" in policy


@pytest.mark.parametrize(
    "path",
    [
        "",
        "take%201",
        "take%201/",
        "nothing.wav",
        "notes.html",
        ".hidden.wav",
        "../secret.wav",
        "%2e%2e/secret.wav",
        "..%2fsecret.wav",
        "%252e%252e%252fsecret.wav",
        "take%201/../../secret.wav",
        "take%201%2f..%2f..%2fsecret.wav",
        "..%5csecret.wav",
        "../takes-of-others/a.wav",
        "/etc/hostname",
        "%2fetc%2fhostname",
        "way-out.wav",
        "way-out/secret.wav",
        "round.wav",
        "take%201/wet.wav%00.png",
        "%ff.wav",
        "a" * 2000 + ".wav",
        "a/" * 400 + "b.wav",
    ],
)
def test_nothing_else_of_the_disk_is_readable(folder: Path, path: str) -> None:
    answer = ask(folder, path)
    assert answer.status_code == 404
    assert SOUND[:16] not in answer.content


def test_a_link_within_the_folder_is_followed(folder: Path) -> None:
    assert inside(folder, "way-in.wav") == folder.resolve() / "take 1" / "wet.wav"


def test_names_as_a_server_would_decode_them(folder: Path) -> None:
    """Whatever the server in front makes of an address, this is asked last."""
    for name in ("../secret.wav", "take 1/../../secret.wav", "/etc/hostname", "./plot.svg", "a\0"):
        assert inside(folder, name) is None


def test_a_folder_that_is_away_has_no_files(tmp_path: Path) -> None:
    assert inside(tmp_path / "away", "a.wav") is None
