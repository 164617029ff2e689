"""What a person asks of a rendering, and the command line that does the same."""

import shlex
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

from realtime.cli_controls import flag
from realtime.controls import BY_NAME, CONTROLS
from realtime.preset import list_presets, list_voices
from realtime.preset_words import summary

OCTAVE = "octave_shift"
MAIN = ("loudness_shift_db", "autotune", "key", "scale")
"""Controls that stand in front; the octave has a choice of its own."""
MORE = tuple(c.name for c in CONTROLS if c.name not in (*MAIN, OCTAVE))
TITLES = {
    "a4_hz": "A4",
    "autotune_time_s": "Autotune time",
    "dry_wet": "Dry to wet",
    "vibrato_depth": "Vibrato",
}
BARE = "voice:"
"""Before the name of a voice that is to be played without a preset."""


@dataclass(frozen=True)
class Choice:
    """A preset or a voice that can be chosen."""

    value: str
    title: str
    note: str = ""
    colour: str = ""
    is_voice: bool = False


@dataclass(frozen=True)
class Wishes:
    """All that is chosen. `controls` holds only what differs from the preset by somebody's hand."""

    voice: str = "violin"
    """A preset's name, or that of a voice behind `BARE`."""
    fits_octave: bool = True
    fits_loudness: bool = True
    masks: bool = True
    threshold: float = 1.0
    attenuation_db: float = 20.0
    controls: dict[str, float] = field(default_factory=dict)

    def turned(self, name: str, value: float | None) -> "Wishes":
        """With a control turned; None: as the preset has it. Raises ControlError."""
        controls = {key: old for key, old in self.controls.items() if key != name}
        if value is not None:
            controls[name] = BY_NAME[name].check(value)
        return replace(self, controls=controls)

    @property
    def flags(self) -> list[str]:
        """Of `chanterelle render`, but for the preset."""
        words = []
        if self.fits_octave:
            words.append("--fit-octave")
        if self.fits_loudness:
            words.append("--fit-loudness")
        if self.masks:
            words += ["--mask-threshold", f"{self.threshold:g}"]
            words += ["--mask-attenuation-db", f"{self.attenuation_db:g}"]
        for name, value in self.controls.items():
            if not (name == OCTAVE and self.fits_octave):
                words += [flag(name), BY_NAME[name].shown(value).split("/")[0]]
        return words

    def words(self, source: Path, target: Path, folder: Path) -> list[str]:
        """For the rendering process; a bare voice gets a preset in this folder."""
        preset = self.voice
        if preset.startswith(BARE):
            path = folder / "preset.yaml"
            path.write_text(f"voice: {preset.removeprefix(BARE)}\n")
            preset = str(path)
        return ["render", str(source), str(target), "--preset", preset, *self.flags]

    def command(self, source: str, target: str) -> str:
        """The same for a person's terminal."""
        before, preset = "", self.voice
        if preset.startswith(BARE):
            name = preset.removeprefix(BARE)
            preset = f"{name}.yaml"
            before = f"echo {shlex.quote(f'voice: {name}')} > {shlex.quote(preset)} && "
        # A name that begins with a dash would be taken for a flag.
        files = [f"./{name}" if name.startswith("-") else name for name in (source, target)]
        return before + shlex.join(
            ["chanterelle", "render", *files, "--preset", preset, *self.flags]
        )

    @property
    def summary(self) -> str:
        """In words, for the list of renderings."""
        parts = ["octave fitted"] if self.fits_octave else []
        parts += ["loudness fitted"] if self.fits_loudness else []
        parts += [f"mask {self.threshold:g}, −{self.attenuation_db:g} dB"] if self.masks else []
        for name, value in self.controls.items():
            if not (name == OCTAVE and self.fits_octave):
                control = BY_NAME[name]
                shown = f"{title_of(name).lower()} {control.shown(value)} {control.unit}"
                parts.append(shown.rstrip())
        return ", ".join(parts) or "as the preset has it"


def choices() -> list[Choice]:
    """Presets without mistakes, then the voices that no preset is named after."""
    presets = [row for row in map(summary, list_presets()) if not row["problem"]]
    found = [
        Choice(row["name"], row["title"] or row["name"], row["note"], row["colour"])
        for row in presets
    ]
    taken = {row["name"] for row in presets}
    return found + [Choice(BARE + name, name, "", "", True) for name in _free(taken)]


def _free(taken: Iterable[str]) -> list[str]:
    return [name for name in list_voices() if name not in taken]


def title_of(name: str) -> str:
    """A control's name for people.

    >>> title_of("room_mix"), title_of("gate_db"), title_of("a4_hz")
    ('Room mix', 'Gate', 'A4')
    """
    words = name
    for unit in ("_semitones", "_db", "_hz", "_s"):
        words = words.removesuffix(unit)
    return TITLES.get(name, words.replace("_", " ").capitalize())
