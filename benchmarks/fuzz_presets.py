"""Presets and set lists with anything in them: they load, or say in one line why not.

    python -m benchmarks.fuzz_presets [--cases 100000] [--seed 0] [--quick] [--json]

Half of the cases are presets, half set lists. Each begins with a right one (all that ship, and one
that uses every key), whose text or values are changed, or with values made up under known keys. It
is loaded, read for everything that is wrong with it, and, where it loads, shown, and the paths in
its text are found and replaced. Nothing is written by any of it.
"""

import functools
import os
import random
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import yaml

from benchmarks.fuzz_yaml import dumped, mutated, structured, with_other_values
from benchmarks.fuzzing import Findings, fuzz, main
from ddsp_core.errors import ChanterelleError
from realtime.places import VARIABLE
from realtime.preset import list_presets, load_preset, presets_dir, problems_of
from realtime.preset_text import replaced, spots
from realtime.preset_words import as_json, lines
from realtime.set_list import load_set_list, problems_of_set_list

EVERYTHING = """\
voice: violin
title: Everything
colour: "#b5442e"
note: |
  two
  lines
pitch: nsdf+crepe
controls: {room_mix: 0.4, autotune: 0.3, key: D, scale: minor, octave_shift: 1}
also:
  - {voice: cello, controls: {octave_shift: -1, output_gain_db: -3}}
  - {voice: flute}
effects:
  input:
    - {kind: gate, threshold_db: -45}
    - {kind: high_pass, frequency_hz: 80}
    - {kind: compressor, ratio: 3}
  output:
    - {kind: eq, low_db: 2, bypassed: true}
    - {kind: chorus}
    - {kind: delay, name: echo, beats: 0.75, feedback: 0.3, mix: 0.2, ping_pong: true}
    - {kind: plugin, name: max, file: /usr/lib/vst3/ZaMaximX2.vst3, parameters: {threshold: -6}}
    - {kind: limiter, ceiling_db: -1}
midi:
  - {cc: 20, control: octave_shift, range: [-1, 1], channel: 1}
  - {cc: 1, bits: 14, control: echo.mix, curve: linear, pickup: true}
  - {nrpn: 300, control: max.threshold}
  - {note: 36, control: octave_shift, value: -1}
  - {cc: 64, command: bypass, mode: momentary}
  - {program: 12, bank: 0, command: preset, value: Duet}
  - {note: 60, command: next_preset}
"""
SHOW = """\
title: Saturday
songs:
  - {title: Summertime, presets: [cello, violin], note: slow, tempo_bpm: 84}
  - title: Misty
    presets: [flute, alto-sax, violin]
  - {title: Encore, presets: [violin]}
"""
KEYS = """
voice title colour note pitch controls also effects midi input output kind name file mix cc nrpn
control command value range channel curve room_mix key scale songs presets tempo_bpm bypassed
"""


def texts() -> list[str]:
    """Right presets to begin with."""
    shipped = [presets_dir() / name / "preset.yaml" for name in list_presets()]
    return [EVERYTHING] * 5 + [path.read_text(encoding="utf-8") for path in shipped]


def made(seeds: list[str], chance: random.Random) -> bytes:
    """A file's bytes."""
    way = chance.random()
    seed = chance.choice(seeds)
    if way < 0.45:
        return mutated(seed, chance)
    if way < 0.85:
        values = _parsed(seed)
        for _ in range(chance.choice((1, 1, 2, 4))):
            values = with_other_values(values, chance)
        return dumped(values, chance)
    values = structured(KEYS.split(), chance)
    return dumped({**_parsed(seed), "x": values} if way < 0.9 else values, chance)


@functools.cache
def _parsed(text: str) -> Any:
    return yaml.safe_load(text)


def fuzz_presets(n_cases: int, seed: int) -> Findings:
    seeds = texts()
    with _sandbox() as folder:
        path = folder / "preset.yaml"

        def case(chance: random.Random) -> None:
            path.write_bytes(made(seeds, chance))
            _check(problems_of(path), lambda: load_preset(str(path)), chance)
            preset = load_preset(str(path))
            lines(preset), as_json(preset)
            text = path.read_text(encoding="utf-8-sig")
            found = spots(text)
            same = {spot: spot.value for spot in found}
            assert [spot.value for spot in spots(replaced(text, same))] == [*same.values()]

        return _unchanged(folder, fuzz(case, n_cases, seed))


def fuzz_set_lists(n_cases: int, seed: int) -> Findings:
    with _sandbox() as folder:
        path = folder / "show.yaml"

        def case(chance: random.Random) -> None:
            path.write_bytes(made([SHOW], chance))
            _check(problems_of_set_list(path), lambda: load_set_list(path), chance)
            show = load_set_list(path)
            assert [show.number_of(preset) for preset in show.presets] == [
                *range(len(show.presets))
            ]

        return _unchanged(folder, fuzz(case, n_cases, seed))


def _check(
    problems: Sequence[ChanterelleError], load: Callable[[], object], chance: random.Random
) -> None:
    """Raises the first problem; in some cases only after loading has raised the same."""
    if problems and chance.random() < 0.1:
        try:
            load()
        except ChanterelleError as error:
            if str(error) != str(problems[0]):
                raise AssertionError(f"loading says {error}, checking {problems}") from None
        else:
            raise AssertionError(f"it loads, and has {problems}")
    if problems:
        raise problems[0]


class _sandbox(tempfile.TemporaryDirectory[str]):  # noqa: N801 (used as a function)
    """An empty folder, and nobody's own presets beside it."""

    def __enter__(self) -> Path:  # type: ignore[override]
        folder = Path(super().__enter__())
        os.environ[VARIABLE] = str(folder / "own")
        os.chdir(folder)
        return folder

    def __exit__(self, *reason: object) -> None:
        os.chdir("/")
        super().__exit__(*reason)  # type: ignore[arg-type]


def _unchanged(folder: Path, found: Findings) -> Findings:
    """Nothing but the case's own file is there."""
    if more := [str(path) for path in folder.rglob("*") if path.suffix != ".yaml"]:
        found.failures.append(f"files were written: {more[:5]}")
    return found


if __name__ == "__main__":
    sys.exit(main(__doc__, {"presets": fuzz_presets, "set lists": fuzz_set_lists}))
