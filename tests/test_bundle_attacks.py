"""Bundles from strangers: whatever is wrong with one is said, and nothing of it stays behind."""

import stat
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from bundles import Members, a_bundle, everything_below, put_together, refused

from ddsp_core.errors import PresetError
from realtime import bundle_zip
from realtime.bundle_import import import_bundle

Change = Callable[[Members], Members]


@pytest.fixture(autouse=True)
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CHANTERELLE_CONFIG", str(tmp_path / "own"))
    return tmp_path / "own"


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Members:
    return a_bundle(tmp_path_factory.mktemp("good"))


def test_the_good_one_is_taken(tmp_path: Path, own: Path, good: Members) -> None:
    for packing in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        import_bundle(put_together(tmp_path / "x.zip", good, packing), replace=True)
    assert (own / "presets" / "solo" / "preset.yaml").is_file()


NAMES = [
    "../evil.yaml",
    "/etc/evil.yaml",
    "voices/../../evil.yaml",
    "voices/mine/../../../evil",
    "C:/evil.yaml",
    "C:evil.yaml",
    "voices\\mine\\voice.yaml",
    "..\\evil.yaml",
    "voices/mine/run.py",
    "voices/mine/sub/voice.yaml",
    "voices/nul/voice.yaml",
    "voices/.hidden/voice.yaml",
    "voices/mine/",
    "rooms/a.vst3",
    "rooms/con.wav",
    "rooms/a.wav ",
    "rooms/ä.wav",
    "preset.yaml/x",
    "./preset.yaml",
    "preset.yml",
    "preset.yaml\0.txt",
    "",
    "a" * 60000,
]


@pytest.mark.parametrize("name", NAMES, ids=lambda name: repr(name)[:30])
def test_members_that_do_not_belong_are_refused(tmp_path: Path, good: Members, name: str) -> None:
    info = zipfile.ZipInfo("x")
    info.filename = name  # ZipInfo itself would have cut some of them
    refused(tmp_path, [*good, (info, b"voice: violin")])
    assert "does not belong" in refused(tmp_path, [*good, (info, b"")])


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFDIR, stat.S_IFIFO, stat.S_IFCHR])
def test_links_and_devices_are_refused(tmp_path: Path, good: Members, kind: int) -> None:
    info = zipfile.ZipInfo("rooms/a.wav")
    info.external_attr = (kind | 0o777) << 16
    assert "a link" in refused(tmp_path, [*good, (info, b"/etc/passwd")])


@pytest.mark.parametrize(
    "names",
    [
        ("preset.yaml",),
        ("voices/MINE/voice.yaml",),
        ("voices/mine/VOICE.yaml",),
        ("rooms/a.wav", "rooms/A.wav"),
        ("Rooms/a.wav", "rooms/b.wav"),
    ],
)
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_twins_are_refused(tmp_path: Path, good: Members, names: tuple[str, ...]) -> None:
    refused(tmp_path, [*good, *((name, b"x") for name in names)])


def test_a_bomb_is_noticed_as_it_bursts(tmp_path: Path, good: Members) -> None:
    bomb = ("rooms/a.wav", bytes(30_000_000))
    message = refused(tmp_path, [*good, bomb], zipfile.ZIP_DEFLATED)
    assert "rooms/a.wav: far more than it says" in message


def test_what_a_zip_says_of_its_sizes_is_not_believed(tmp_path: Path, good: Members) -> None:
    bundle = put_together(
        tmp_path / "x.chanterelle",
        [*good, ("rooms/a.wav", bytes(90_000_000))],
        zipfile.ZIP_DEFLATED,
    )
    data = bundle.read_bytes()
    size = (90_000_000).to_bytes(4, "little")
    assert data.count(size) == 2
    bundle.write_bytes(data.replace(size, (1000).to_bytes(4, "little")))
    with pytest.raises(PresetError):
        import_bundle(bundle)
    assert everything_below(tmp_path) == {"x.chanterelle"}


def test_too_many_and_too_large_are_refused(tmp_path: Path, good: Members) -> None:
    many: Members = [(f"rooms/{number}.wav", b"") for number in range(65)]
    assert "at most 64" in refused(tmp_path, [*good, *many])
    many = [(f"rooms/{number}.wav", b"") for number in range(5000)]
    assert "too long a list" in refused(tmp_path, [*good, *many])
    large: Members = [("preset.yaml", b"#" * 70_000)]
    assert "at most 65536" in refused(tmp_path, [good[0], *large])


def test_the_whole_is_bounded(
    tmp_path: Path, good: Members, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bundle_zip, "MAX_TOTAL_BYTES", 1000)
    assert "bytes in all" in refused(tmp_path, good)


@pytest.mark.parametrize("data", [b"", b"PK", b"not a zip", b"PK\5\6" + bytes(18), bytes(100_000)])
def test_what_is_no_zip_is_refused(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "x.chanterelle").write_bytes(data)
    with pytest.raises(PresetError, match=r"x\.chanterelle: "):
        import_bundle(tmp_path / "x.chanterelle")
    assert everything_below(tmp_path) == {"x.chanterelle"}


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path, own: Path, good: Members) -> None:
    own.mkdir()
    (own / "presets").write_text("in the way")
    with pytest.raises(PresetError, match="cannot be written"):
        import_bundle(put_together(tmp_path / "x.chanterelle", good))
    assert everything_below(own) == {"presets"}


def test_a_zip_that_is_cut_anywhere_is_refused(tmp_path: Path, good: Members) -> None:
    bundle = put_together(tmp_path / "x.chanterelle", good)
    data = bundle.read_bytes()
    for length in range(0, len(data), len(data) // 20):
        bundle.write_bytes(data[:length])
        with pytest.raises(PresetError):
            import_bundle(bundle)
    assert everything_below(tmp_path) == {"x.chanterelle"}
