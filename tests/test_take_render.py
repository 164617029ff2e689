"""Takes played again: as they were to the last bit, with another voice, with other settings."""

import json
import shutil
import threading
from pathlib import Path

import numpy as np
import pytest
import soundfile
import soxr
from fakes import FakeCard

from realtime import cli
from realtime.host import Host
from realtime.preset import load_preset
from realtime.session import Session
from realtime.slot import load_slots
from realtime.take_about import about_host
from realtime.take_reader import Take, read_sound, read_take
from realtime.take_recorder import TakeRecorder

RATE, BLOCK, SECONDS = 48000, 128, 2.5
CLIP = Path(__file__).parent / "clips" / "vocadito_1.flac"


class MovingCard(FakeCard):
    """Before some blocks somebody turns something."""

    def __init__(self, blocks: list[np.ndarray], host: Host) -> None:
        super().__init__(blocks)
        self._moves = {
            100: lambda: host.set_control("octave_shift", 1),
            300: lambda: host.set_control("room_mix", 0.2),
            450: lambda: host.choose(1),
            600: lambda: host.choose(0),
            700: lambda: host.bypass(True),
            800: lambda: host.bypass(False),
        }

    def open(self, on_block: object) -> None:
        for number, (block, flags) in enumerate(zip(self.blocks, self.flags, strict=True)):
            self._moves.get(number, lambda: None)()
            self.played.append(on_block(block, flags))  # type: ignore[operator]


def sung() -> list[np.ndarray]:
    """Blocks with samples of 24 bits, as cards give them."""
    clip, rate = soundfile.read(CLIP, dtype="float32", stop=4 * RATE)
    voice = soxr.resample(clip, rate, RATE)[: round(SECONDS * RATE)]
    exact = (np.round(voice * 2**23) / 2**23).astype(np.float32)
    return [exact[i : i + BLOCK].copy() for i in range(0, len(exact) - BLOCK, BLOCK)]


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A take of two presets, in which much was turned."""
    given = {"loudness_shift_db": 3.0}  # on the command line, for all presets
    host = Host(load_slots([load_preset("violin"), load_preset("cello")], given))
    about = about_host(host, lambda: host.latency_samples, "Etude")
    tape = TakeRecorder(tmp_path_factory.mktemp("takes"), RATE, host.n_outputs, about=about)
    tape.start(wait=True)
    session = Session(host, MovingCard(sung(), host), tape)
    session.run(threading.Event())
    host.close()
    assert (session.n_errors, tape.failed, tape.n_dropped) == (0, None, 0)
    return tape.folder


@pytest.fixture
def take(recorded: Path, tmp_path: Path) -> Take:
    return read_take(Path(shutil.copytree(recorded, tmp_path / "take")))


def render(take: Take, *words: str) -> np.ndarray:
    out = take.folder.parent / "out.wav"
    assert cli.main(["take", "render", str(take.folder), "--out", str(out), *words]) == 0
    sound, rate = soundfile.read(out, dtype="float32")
    assert rate == RATE
    assert len(sound) == take.n_samples
    return np.asarray(sound)


def test_a_take_played_again_is_the_take(take: Take) -> None:
    wet = read_sound(take, "wet")[:, 0]
    assert np.sqrt(np.mean(wet**2)) > 0.005
    # One step of 24 bits, by which two equal sounds may be rounded differently.
    np.testing.assert_allclose(render(take), wet, atol=2.0**-23)


def test_nonsense_among_the_events_does_nothing(take: Take) -> None:
    nonsense = [
        {"kind": "control", "name": "room_mix", "value": "loud"},
        {"kind": "control", "name": "room_mix", "value": 7.0},
        {"kind": "control", "name": ["a"], "value": {}},
        {"kind": "preset", "value": 99},
        {"kind": "tempo", "value": 1e9},
        {"kind": "bypass_effect", "name": None, "value": 1},
        {"kind": 3},
        {},
    ]
    with (take.folder / "events.jsonl").open("a", encoding="utf-8") as events:
        for number, event in enumerate(nonsense):
            events.write(json.dumps({"sample": 100 * number, **event}) + "\n")
    wet = read_sound(take, "wet")[:, 0]
    np.testing.assert_allclose(render(take), wet, atol=2.0**-23)


def test_lined_up_with_the_dry_sound_it_comes_earlier_by_the_latency(take: Take) -> None:
    late, early = render(take), render(take, "--line-up", "dry")
    np.testing.assert_array_equal(early[: -take.latency_samples], late[take.latency_samples :])


def test_with_nothing_turned_it_goes_its_own_way_from_the_first_movement_on(take: Take) -> None:
    wet, still = read_sound(take, "wet")[:, 0], render(take, "--still")
    first = 100 * BLOCK
    np.testing.assert_allclose(still[:first], wet[:first], atol=2.0**-23)
    assert np.abs(still - wet)[first:].max() > 0.01


def test_another_voice_plays_in_time_and_a_control_that_is_given_stays(take: Take) -> None:
    cello = render(take, "--preset", "cello", "--output-gain-db", "0")
    quiet = render(take, "--preset", "cello", "--output-gain-db", "-20")
    wet = read_sound(take, "wet")[:, 0]
    bypassed = slice(740 * BLOCK, 800 * BLOCK)
    np.testing.assert_allclose(cello[bypassed], wet[bypassed], atol=1e-4)  # the microphone
    played = slice(110 * BLOCK, 440 * BLOCK)
    assert np.abs(cello[played] - wet[played]).max() > 0.01
    loud, soft = (np.sqrt(np.mean(sound[played] ** 2)) for sound in (cello, quiet))
    assert soft / loud == pytest.approx(0.1, rel=0.02)


def test_the_copy_of_a_preset_plays_where_its_file_has_changed(take: Take) -> None:
    about = (take.folder / "take.yaml").read_text(encoding="utf-8")
    gone = about.replace(str(load_preset("violin").path), "/nowhere/violin/preset.yaml")
    assert gone != about
    (take.folder / "take.yaml").write_text(gone, encoding="utf-8")
    wet = read_sound(take, "wet")[:, 0]
    np.testing.assert_allclose(render(take), wet, atol=2.0**-23)


def test_a_missing_voice_is_said_and_what_to_do(
    take: Take, capsys: pytest.CaptureFixture[str]
) -> None:
    about = (take.folder / "take.yaml").read_text(encoding="utf-8")
    path = load_preset("violin").path
    gone = about.replace(str(path), "/nowhere/preset.yaml").replace("voice: violin", "voice: viola")
    (take.folder / "take.yaml").write_text(gone, encoding="utf-8")
    assert cli.main(["take", "render", str(take.folder)]) == 2
    error = capsys.readouterr().err
    assert "no voice 'viola'" in error
    assert error.count("\n") == 1
    assert "--preset" in error


def test_another_voice_under_the_same_name_is_warned_of(
    take: Take, capsys: pytest.CaptureFixture[str]
) -> None:
    path = take.folder / "take.yaml"
    text = path.read_text(encoding="utf-8")
    sums = {v["sha256"] for preset in take.presets for v in preset["voices"]}
    path.write_text(text.replace(sorted(sums)[0], "f" * 64), encoding="utf-8")
    assert cli.main(["take", "render", str(take.folder), "--json"]) == 0
    captured = capsys.readouterr()
    assert "is not the one that was recorded with" in captured.err
    said = json.loads(captured.out)
    assert said["out"] == str(take.folder / "render-again.wav")
    assert said["latency_samples"] == take.latency_samples
