"""Rules for the whole tree: who may import whom, how long a file may be, what docs must say."""

import re
import subprocess
import sys
from pathlib import Path

import file_tree
import pytest
import yaml
from importlinter.cli import lint_imports

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("ddsp_core", "realtime", "training")
TRACKED = file_tree.tracked_files()
MODULES = [path for path in TRACKED if path.suffix == ".py"]
OURS = [path for path in MODULES if path.parts[0] in PACKAGES]
BINARY = {".flac", ".wav", ".safetensors", ".png"}
TEXTS = [path for path in TRACKED if path.suffix not in BINARY]

LONGEST_FILE_LINES = 250
CLIPS_MAX_BYTES = 5_000_000

# Playing starts fast and without a gigabyte of torch; pictures are drawn after the music only.
NOT_AT_START = {"torch", "matplotlib"}
IMPORT_WHAT_PLAYS = """
import importlib, sys
from realtime.cli import COMMANDS
for command in COMMANDS.values():
    importlib.import_module(command.module)
for name in ("audio_io engine live_view mapping midi_ports preset take_recorder resampled session"
             " virtual_card").split():
    importlib.import_module("realtime." + name)
print(*sys.modules)
"""

# Written in two parts, or this file would hold what it looks for.
LEFT_BEHIND = [
    "/wo" + "rk/",
    "shared" + "/data",
    "shared" + "/design",
    "facts" + ".md",
    "/opt" + "/pypi",
    "/opt" + "/wheels",
    "/root" + "/",
]


def read(path: Path) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


def test_playing_imports_no_torch() -> None:
    command = [sys.executable, "-c", IMPORT_WHAT_PLAYS]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    imported = set(done.stdout.split())
    assert "realtime.engine" in imported
    assert not imported & NOT_AT_START


def test_imports_go_one_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    assert lint_imports(no_cache=True) == 0, "see `lint-imports`"


def test_a_file_holds_one_idea() -> None:
    n_lines = {str(path): read(path).count("\n") for path in MODULES}
    assert not {path: count for path, count in n_lines.items() if count > LONGEST_FILE_LINES}


def test_every_module_says_what_it_is() -> None:
    assert not [str(path) for path in OURS if not file_tree.describe(path)]


def test_no_file_names_a_place_on_our_machines() -> None:
    found = [(str(path), place) for path in TEXTS for place in LEFT_BEHIND if place in read(path)]
    assert not found


def test_readme_shows_the_real_tree() -> None:
    readme = file_tree.README.read_text(encoding="utf-8")
    assert readme == file_tree.with_tree(readme), "the README's file tree is old: run `make tree`"
    shown = file_tree.section(readme)
    files = [path for path in OURS if path.name != "__init__.py"]
    assert not [str(path) for path in files if f"  {path.name} " not in shown]


def test_links_in_pages_lead_somewhere() -> None:
    broken = []
    for page in (path for path in TRACKED if path.suffix == ".md"):
        for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", read(page)):
            if not (ROOT / page.parent / target).exists():
                broken.append(f"{page}: {target}")
    assert not broken


def test_clips_are_few_and_attributed() -> None:
    page = read(Path("tests/clips/ATTRIBUTION.md"))
    clips = [path for path in TRACKED if path.parent == Path("tests/clips")]
    clips.remove(Path("tests/clips/ATTRIBUTION.md"))
    assert not [clip for clip in clips if f"`{clip.name}`" not in page]
    assert sum((ROOT / clip).stat().st_size for clip in clips) < CLIPS_MAX_BYTES


def test_every_shipped_voice_has_a_card() -> None:
    voices = {path.parent for path in TRACKED if path.suffix == ".safetensors"}
    assert not [voice for voice in voices if not (ROOT / voice / "card.md").is_file()]


def test_every_preset_names_a_shipped_voice() -> None:
    tracked = set(TRACKED)
    presets = [path for path in TRACKED if path.name == "preset.yaml"]
    for preset in presets:
        voice = yaml.safe_load(read(preset))["voice"]
        assert Path("presets/voices", voice, "voice.safetensors") in tracked
