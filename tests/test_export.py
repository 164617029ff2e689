"""`chanterelle-train export`: what lands in the folder, what is refused, and what people wrote."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
import torch
import voices
import yaml

from ddsp_core.checkpoint import FILE_NAME, load_voice, save_voice
from realtime.engine import Engine
from training import export
from training.cli import main

STATISTICS = {
    "f0_quantiles_hz": {"1": 196.0, "50": 440.0, "99": 1760.0},
    "loudness_quantiles_db": {"1": -50.0, "50": -27.0, "99": -12.0},
    "train_hours": 0.25,
    "validation_hours": 0.05,
}
QUALITY: dict[str, Any] = {
    "voice": "best",
    "dataset": "violin",
    "room": None,
    "validation": {"n_clips": 14, "loudness_l1_db": 1.54, "f0_outlier_share": 0.005},
    "train": {"n_clips": 40, "loudness_l1_db": None, "f0_outlier_share": 0.0},
    "sung": {"alto": {"timbre_distance": 0.31}},
}


def a_run(folder: Path, *rooms: str) -> Path:
    """What training leaves behind: a voice a room, a curve, a recipe."""
    for n, room in enumerate(rooms):
        told = {"recipe": {"steps": 7, "loss": {"distance": "L1"}}, "steps": 7, "room": room}
        told = {**told, "recordings": ["a/bach.flac"], "notes": 3, "held_out_loss": 5.25}
        file = voices.random_file(seed=n)._replace(provenance=told, statistics=STATISTICS)
        (folder / "voice" / room).mkdir(parents=True)
        save_voice(folder / "voice" / room / FILE_NAME, file)
    (folder / "curve.csv").write_text("step,loss,validation_loss\n7,6.0,5.25\n")
    (folder / "recipe.json").write_text("{}")
    return folder


@pytest.fixture
def run(tmp_path: Path) -> Path:
    return a_run(tmp_path / "run", "hall")


def exported(*arguments: object) -> None:
    assert main(["export", *(str(argument) for argument in arguments)]) == 0


def refused(capsys: pytest.CaptureFixture[str], *arguments: object) -> str:
    capsys.readouterr()
    assert main(["export", *(str(argument) for argument in arguments)]) == 2
    printed = capsys.readouterr().err
    assert printed.startswith("error: ")
    assert printed.count("\n") == 1
    return printed


def test_a_run_becomes_a_folder_that_plays(
    run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "alto"
    exported(run, "--out", out)
    names = {"voice.yaml", "card.md", "curve.csv", FILE_NAME}
    assert {path.name for path in out.iterdir()} == names
    assert set(capsys.readouterr().out.split()) == {str(out / name) for name in names}
    assert (out / FILE_NAME).read_bytes() == (run / "voice" / "hall" / FILE_NAME).read_bytes()
    assert (out / "curve.csv").read_text() == (run / "curve.csv").read_text()
    engine = Engine(load_voice(out))
    heard = engine.process(np.zeros(4 * voices.HOP_SIZE, np.float32))
    assert np.isfinite(heard).all()


def test_the_yaml_says_what_the_voice_is(run: Path, tmp_path: Path) -> None:
    quality = tmp_path / "quality.json"
    quality.write_text(json.dumps(QUALITY))
    told = ("--instrument", "alto sax", "--licence", "CC BY 4.0", "--attribution", "Bach: A, B")
    exported(run, "--out", tmp_path / "alto", *told, "--quality", quality)
    said = yaml.safe_load((tmp_path / "alto" / "voice.yaml").read_text())
    assert said["name"] == "alto"
    assert said["instrument"] == "alto sax"
    assert (said["licence"], said["attribution"]) == ("CC BY 4.0", ["Bach: A, B"])
    assert (said["sample_rate"], said["hop_size"]) == (48000, 128)
    engine = Engine(load_voice(tmp_path / "alto"), block_size=128)
    assert said["latency_ms"] == pytest.approx(engine.latency_samples / 48.0, abs=0.01)
    assert said["range_hz"] == [196.0, 1760.0]
    assert said["loudness_range_db"] == [-50.0, -12.0]
    assert said["training"]["recordings"] == ["a/bach.flac"]
    assert said["statistics"] == STATISTICS
    tables = said["quality"]["tables"]
    assert tables["recordings"]["validation"]["loudness_l1_db"] == 1.54
    assert tables["sung"] == {"alto": {"timbre_distance": 0.31}}


def test_the_card_is_complete(run: Path, tmp_path: Path) -> None:
    lines = tmp_path / "lines.txt"
    lines.write_text("- Bach, played by A, CC BY 3.0\n\nNotes: B\n")
    quality = tmp_path / "quality.json"
    quality.write_text(json.dumps(QUALITY))
    told = ("--licence", "CC BY 4.0", "--attribution", lines, "--attribution", "C")
    exported(run, "--out", tmp_path / "alto", *told, "--quality", quality)
    card = (tmp_path / "alto" / "card.md").read_text()
    for said in (
        "# Alto\n",
        "48,000 Hz, a control frame every 2.67 ms (128 samples)",
        "harmonic: 12 partials, 9 noise bands",
        "300 samples (0.01 s), learned from the recordings of `hall`",
        "| own delay | 4.5 ms |",
        "| licence of this voice | CC BY 4.0 |",
        "- Bach, played by A, CC BY 3.0\n- Notes: B\n- C\n",
        "15.0 minutes to train, 3.0 minutes held out.",
        "Recordings of phrases: 1; single notes: 3.\n- `a/bach.flac`",
        "| note | G3 | A4 | A6 |",
        "| loudness, dB | -50.0 | -27.0 | -12.0 |",
        "7 steps. Loss on held-out recordings: 5.250. The curve is in [curve.csv](curve.csv).",
        "```yaml\nsteps: 7\nloss: {distance: L1}\n```",
        "|  | held out | train |",
        "| loudness L1, dB | 1.540 | – |",
        "| f0 outliers | 0.5 % | 0.0 % |",
        "| timbre distance | 0.310 |",
        "(dataset violin)",
    ):
        assert said in card


def test_a_card_of_little_knowledge_says_what_is_missing(tmp_path: Path) -> None:
    folder = tmp_path / "bare"
    folder.mkdir()
    save_voice(folder / FILE_NAME, voices.random_file())
    exported(folder, "--out", tmp_path / "out")
    card = (tmp_path / "out" / "card.md").read_text()
    for said in ("**not stated** (`--licence`)", "`--attribution`", "Not known", "Not yet"):
        assert said in card
    assert "curve.csv" not in card
    assert not (tmp_path / "out" / "curve.csv").exists()


def test_what_people_said_and_wrote_stays_with_the_voice(run: Path, tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    exported(run, "--out", first, "--name", "Alto", "--licence", "CC0", "--attribution", "A")
    page = first / "card.md"
    written = page.read_text().partition("## Notes\n")[0] + "## Notes\n\nSoft.\n\n## More\n\nB.\n"
    page.write_text(written)
    exported(first, "--out", first, "--force")  # in place
    assert page.read_text() == written
    exported(first, "--out", second, "--licence", "CC BY 4.0")
    assert page.read_text().replace("CC0", "CC BY 4.0") == (second / "card.md").read_text()
    said = yaml.safe_load((second / "voice.yaml").read_text())
    assert (said["name"], said["licence"], said["attribution"]) == ("Alto", "CC BY 4.0", ["A"])


def test_nothing_is_written_over_unless_asked(
    run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    exported(run, "--out", out)
    (out / "card.md").write_text("mine")
    said = refused(capsys, run, "--out", out)
    assert "card.md" in said
    assert "--force" in said
    assert (out / "card.md").read_text() == "mine"
    exported(run, "--out", out, "--format", "clap")  # beside it is room
    exported(run, "--out", out, "--force")
    assert (out / "card.md").read_text() != "mine"


def test_the_clap_is_a_click_and_the_room(run: Path, tmp_path: Path) -> None:
    exported(run, "--out", tmp_path / "out", "--format", "clap", "--licence", "CC0")
    with soundfile.SoundFile(tmp_path / "out" / "clap.wav") as sound:
        assert (sound.samplerate, sound.channels, sound.subtype) == (48000, 1, "FLOAT")
        assert sound.copyright == "CC0"
        heard = sound.read(dtype="float32")
    file = load_voice(run / "voice" / "hall")
    room = voices.Voice(file.config).room
    room.load_state_dict({"taps": torch.from_numpy(file.tensors["room.taps"])})
    response = room.impulse_responses()[0].detach().numpy()
    assert heard[0] == pytest.approx(1.0, abs=1e-6)
    np.testing.assert_allclose(heard[1:], response[1:], atol=1e-6)
    assert np.abs(response[1:]).max() > 0.01


def test_of_several_rooms_one_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = a_run(tmp_path / "run", "hall", "kitchen")
    assert "2 rooms" in refused(capsys, run, "--out", tmp_path / "out")
    said = refused(capsys, run, "--out", tmp_path / "out", "--room", "kitchn")
    assert "did you mean kitchen? There are: hall, kitchen" in said
    exported(run, "--out", tmp_path / "out", "--room", "kitchen")
    assert load_voice(tmp_path / "out").provenance["room"] == "kitchen"
    said = refused(capsys, tmp_path / "out", "--out", tmp_path / "other", "--room", "hall")
    assert "kitchen" in said


def test_sources_that_hold_no_voice(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = ("--out", tmp_path / "out")
    assert "no such folder" in refused(capsys, tmp_path / "nowhere", *out)
    assert "neither a run nor a voice" in refused(capsys, tmp_path, *out)
    (tmp_path / "recipe.json").write_text("{}")
    assert "no voice in this run yet" in refused(capsys, tmp_path, *out)
    (tmp_path / FILE_NAME).write_bytes(b"nothing")
    assert "damaged" in refused(capsys, tmp_path, *out)
    assert not (tmp_path / "out").exists()


def test_what_is_told_is_checked(
    run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, quality = ("--out", tmp_path / "out"), tmp_path / "quality.json"
    assert "--name" in refused(capsys, run, *out, "--name", "../alto")
    for text, said in (
        ("{", "not JSON"),
        ("[1]", "a list"),
        ('{"validation": {"n": null}}', "no figures"),
    ):
        quality.write_text(text)
        assert said in refused(capsys, run, *out, "--quality", quality)
    assert "cannot be read" in refused(capsys, run, *out, "--quality", tmp_path / "none.json")
    folder = run / "voice" / "hall"
    for text, said in (("a: [", "not YAML"), ("name: x", "instrument"), ("- 1", "voice.yaml")):
        (folder / "voice.yaml").write_text(text)
        assert said in refused(capsys, run, *out)
    assert not (tmp_path / "out").exists()


@pytest.mark.filterwarnings("ignore:.torch.jit.load. is deprecated:DeprecationWarning")
def test_for_nn_tilde_there_is_a_module_and_how_to_patch_it(run: Path, tmp_path: Path) -> None:
    told = ("--name", "alto", "--licence", "CC0", "--attribution", "A")
    exported(run, "--out", tmp_path / "out", "--format", "nn~", *told)
    text = (tmp_path / "out" / "alto.txt").read_text()
    for said in ("nn~ alto.ts", "48000 Hz", "196 to 1760 Hz", "Licence: CC0", "Attribution: A"):
        assert said in text
    module = torch.jit.load(tmp_path / "out" / "alto.ts")  # type: ignore[no-untyped-call]
    assert module(torch.tensor([440.0, -20.0])[None, :, None]).shape == (1, 1, 128)


def test_without_nn_tilde_its_extra_is_named(
    run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "find_spec", lambda name: None)
    said = refused(capsys, run, "--out", tmp_path / "out", "--format", "nn~")
    assert 'pip install "chanterelle[nn-tilde]"' in said
