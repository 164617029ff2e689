"""`chanterelle render`: a file through the live engine, from the command line down."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from realtime import cli, cli_render

HERE = Path(__file__).parent
CLIP = HERE / "clips" / "vocadito_1.flac"
GOLDEN = HERE / "golden" / "violin.flac"
GOLDEN_FLAGS = ("--octave-shift", "1", "--input-gain-db", "12", "--seed", "7")


@pytest.fixture(scope="module")
def song(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two sung seconds at 44.1 kHz."""
    audio, rate = soundfile.read(CLIP, dtype="float32")
    path = tmp_path_factory.mktemp("song") / "song.wav"
    soundfile.write(path, audio[rate // 2 : rate // 2 + 2 * rate], rate, subtype="PCM_24")
    return path


def rendered(song: Path, out: Path, *flags: str) -> np.ndarray:
    assert cli.main(["render", str(song), str(out), *flags]) == 0
    audio, rate = soundfile.read(out, dtype="float32")
    assert rate == 48000
    return np.asarray(audio)


def test_golden(song: Path, tmp_path: Path) -> None:
    """Equal to what was listened to and looked at, but for rounding (16-bit golden: 2e-5)."""
    golden, _ = soundfile.read(GOLDEN, dtype="float32")
    audio = rendered(song, tmp_path / "out.wav", *GOLDEN_FLAGS)
    assert np.abs(golden).max() > 0.05
    assert np.abs(audio - golden).max() <= 3e-4


def test_out_is_as_long_as_in(song: Path, tmp_path: Path) -> None:
    assert len(rendered(song, tmp_path / "out.wav")) == 96000


def test_any_block_size_renders_the_same(song: Path, tmp_path: Path) -> None:
    whole = rendered(song, tmp_path / "a.wav", "--block-size", "1024")
    cut = rendered(song, tmp_path / "b.wav", "--block-size", "37")
    np.testing.assert_allclose(cut, whole, rtol=0, atol=2e-6)


def test_latency_is_taken_out_unless_kept(song: Path, tmp_path: Path) -> None:
    lined_up = rendered(song, tmp_path / "a.wav")
    kept = rendered(song, tmp_path / "b.wav", "--keep-latency")
    np.testing.assert_allclose(kept[216:], lined_up[:-216], rtol=0, atol=2e-6)
    assert len(kept) == len(lined_up)


def test_the_seed_changes_the_noise_and_nothing_else(song: Path, tmp_path: Path) -> None:
    a, b = (rendered(song, tmp_path / f"{n}.wav", "--seed", n) for n in "12")
    assert not np.array_equal(a, b)
    quiet = ("--noise-gain-db", "-60")
    a, b = (rendered(song, tmp_path / f"{n}q.wav", "--seed", n, *quiet) for n in "12")
    assert np.abs(a - b).max() < 1e-3


def test_json_is_the_only_thing_on_standard_output(
    song: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rendered(song, tmp_path / "out.wav", "--json", "--report", str(tmp_path / "report"))
    summary = json.loads(capsys.readouterr().out)
    assert summary["sample_rate"] == 48000
    assert summary["block_size"] == 1024
    assert summary["latency_samples"] == 216
    assert summary["n_blocks"] == -(-(96000 + 216) // 1024)
    assert summary["deadline_ms"] == pytest.approx(1024 / 48)
    assert (
        0 < summary["block_ms"]["p50"] <= summary["block_ms"]["p99"] <= summary["block_ms"]["max"]
    )
    assert summary["realtime_factor"] > 0
    assert (tmp_path / "report" / "out.png").stat().st_size > 10_000


def test_the_picture_shows_what_the_presets_own_tracker_heard(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = []
    monkeypatch.setattr("realtime.report_png.write_report", lambda *given: drawn.append(given))

    class Deaf:
        delay_s = 0.0

        def forward(self, hops: Any, state: None = None) -> Any:
            return (np.full(len(hops), 123.0, np.float32), np.ones(len(hops), np.float32)), None

    monkeypatch.setattr(cli_render, "tracker_of", lambda *_: Deaf())
    source = tmp_path / "in.wav"
    soundfile.write(source, np.zeros(4800), 48000)
    rendered(source, tmp_path / "out.wav", "--report", str(tmp_path))
    assert (drawn[0][-1].f0_hz == 123.0).all()


@pytest.mark.parametrize(("rate", "channels"), [(8000, 1), (44100, 8), (96000, 2)])
def test_any_rate_and_any_channels(tmp_path: Path, rate: int, channels: int) -> None:
    tone = 0.2 * np.sin(2 * np.pi * 330 * np.arange(rate) / rate)
    source = tmp_path / "in.flac"
    soundfile.write(source, np.repeat(tone[:, None], channels, axis=1), rate)
    audio = rendered(source, tmp_path / "out.wav")
    assert len(audio) == 48000
    assert np.abs(audio[24000:]).max() > 0.01


def test_a_failed_render_leaves_the_old_file(
    song: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out.wav"
    out.write_bytes(b"precious")
    assert cli.main(["render", str(song), str(out), "--room-mix", "3"]) == 2
    assert cli.main(["render", str(tmp_path / "none.wav"), str(out)]) == 2
    assert cli.main(["render", str(out), str(tmp_path / "other.wav")]) == 2
    assert out.read_bytes() == b"precious"
    assert [path.name for path in tmp_path.iterdir()] == ["out.wav"]
    assert all(line.startswith("error: ") for line in capsys.readouterr().err.splitlines())


def test_minutes_of_sound_fit_into_a_vorbis_file(tmp_path: Path) -> None:
    # In a process of its own: what this guards against is a crash of libsndfile.
    out, n_samples = tmp_path / "long.ogg", 75 * 48000
    code = (
        "import pathlib, numpy, realtime.render as r;"
        f"r.write_audio(pathlib.Path({str(out)!r}), numpy.zeros({n_samples}, 'f4'), 48000)"
    )
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
    assert soundfile.info(out).frames == n_samples


@pytest.mark.parametrize("target", ["out.xyz", "out", "missing/out.wav", "/dev/full/out.wav"])
def test_an_impossible_out_is_said_at_once(
    song: Path, tmp_path: Path, target: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["render", str(song), str(tmp_path / target)]) == 2
    assert capsys.readouterr().err.startswith(f"error: {tmp_path / target}: ")


def test_in_may_not_be_out(song: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = song.read_bytes()
    assert cli.main(["render", str(song), str(song)]) == 2
    assert "same file" in capsys.readouterr().err
    assert song.read_bytes() == before


def test_rendering_imports_no_torch(song: Path, tmp_path: Path) -> None:
    words = ["render", str(song), str(tmp_path / "out.wav")]
    code = (
        f"import sys; from realtime import cli; cli.main({words!r}); print('torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "False"
