"""A show as it is planned: songs, knobs, pedals, and what hands do at which moment.

Everything comes from a seed. MIDI is timed to the sample, OSC as well as a network is.
"""

import random
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from benchmarks.cards import RATE

NEXT, NEXT_SONG, PREVIOUS_SONG, TAP, RECORD = 36, 37, 38, 39, 40
FOOTSWITCH = 64
ALL_NOTES_OFF = 123
CLOCK, CLOCK_BPM = 0xF8, 126.0
TAP_S = 0.5

LEARNED = f"""
midi:
  - {{note: {NEXT}, command: next_preset}}
  - {{note: {NEXT_SONG}, command: next_song}}
  - {{note: {PREVIOUS_SONG}, command: previous_song}}
  - {{note: {TAP}, command: tap_tempo}}
  - {{note: {RECORD}, command: record}}
  - {{cc: {FOOTSWITCH}, command: bypass, mode: momentary}}
  - {{cc: 26, control: harmonic_gain_db, range: [-12, 0]}}
  - {{cc: 27, control: output_gain_db, range: [-12, 0]}}
"""
KNOBS = range(20, 28)

SONGS = """
title: Saturday
songs:
  - {title: Summertime, presets: [cello, violin], note: cello first, tempo_bpm: 84}
  - {title: Two of us, presets: [duet, ensemble, duet], tempo_bpm: 120}
  - {title: Over a drone, presets: [drone, hall-violin]}
  - {title: Echoes, presets: [echo, night-sax, {plugin}], tempo_bpm: 100}
"""
PLUGIN = Path("/usr/lib/vst3/ZaMaximX2.vst3")
HOSTED = f"""
voice: violin
title: Loud violin
effects:
  output:
    - {{kind: plugin, name: max, file: {PLUGIN}, parameters: {{threshold: -6}}}}
midi:
  - {{cc: 20, control: octave_shift}}
  - {{cc: 22, control: max.threshold, range: [-20, 0]}}
"""

N_PRESETS = 9
HALL_VIOLIN = 5
"""Its place in the set, from 0."""

Message = tuple[int, ...]


class Deed(NamedTuple):
    """Something that a hand does."""

    sample: int
    """Of the microphone's sound."""
    kind: str
    midi: Message = ()
    osc: tuple[str, tuple[float | str, ...]] = ("", ())
    length: int = 0
    """Samples for which it goes on."""


def prepare(folder: Path) -> Path:
    """Writes set list, learned knobs and the preset with a plug-in; returns the set list's path."""
    (folder / "midi.yaml").write_text(LEARNED)
    hosted = folder / "loud.yaml"
    hosted.write_text(HOSTED)
    last = str(hosted) if PLUGIN.exists() else "tuned"
    songs = folder / "saturday.yaml"
    songs.write_text(SONGS.replace("{plugin}", last))
    return songs


def plan(seconds: float, seed: int, every_s: float) -> list[Deed]:
    """All deeds of a show, by their time; the first and the last two seconds are left alone."""
    chance = random.Random(seed)
    deeds: list[Deed] = []
    deck: list[str] = []
    at_s = 2.0
    while at_s < seconds - 4.0:
        deck = deck or chance.sample(DECK, len(DECK))
        kind = deck.pop()
        deeds += DEEDS[kind](round(at_s * RATE), chance)
        at_s += every_s * chance.uniform(0.7, 1.3)
    return sorted(deeds)


def program(at: int, chance: random.Random) -> list[Deed]:
    return [Deed(at, "program change", (0xC0, chance.randrange(N_PRESETS)))]


def pedal(at: int, chance: random.Random) -> list[Deed]:
    note = chance.choice((NEXT, NEXT, NEXT_SONG, PREVIOUS_SONG))
    return [Deed(at, "pedal", (0x90, note, 100)), Deed(at + RATE // 10, "", (0x80, note, 0))]


def by_osc(at: int, chance: random.Random) -> list[Deed]:
    address, value = chance.choice(
        (("preset", chance.randrange(N_PRESETS) + 1), ("next_song", 1), ("previous_preset", 1))
    )
    return [Deed(at, "preset by OSC", osc=(address, (float(value),)))]


def quick_changes(at: int, chance: random.Random) -> list[Deed]:
    """Somebody looks for the right one."""
    numbers = chance.sample(range(N_PRESETS), 4)
    return [
        Deed(at + n * RATE // 10, "quick changes", (0xC0, number))
        for n, number in enumerate(numbers)
    ]


def sweep(at: int, chance: random.Random) -> list[Deed]:
    """A knob up and down in 0.4 s; octave and room of every preset, effects of some."""
    knob = chance.choice(KNOBS)
    values = [*range(0, 128, 4), *range(127, 0, -4)]
    step = round(0.4 * RATE / len(values))
    return [
        Deed(at + n * step, f"knob {knob}", (0xB0, knob, value), length=step)
        for n, value in enumerate(values)
    ]


def fader(at: int, chance: random.Random) -> list[Deed]:
    """A fader of a tablet, down and up again."""
    name, low, high = chance.choice(
        (("output_gain_db", -12.0, 0.0), ("noise_gain_db", -20.0, 6.0), ("dry_wet", 0.5, 1.0))
    )
    places = [*range(10), *range(10, -1, -1)]
    values = [high + (low - high) * place / 10 for place in places]
    return [
        Deed(at + n * RATE // 60, "fader", osc=(name, (value,)), length=RATE // 60)
        for n, value in enumerate(values)
    ]


def effect(at: int, chance: random.Random) -> list[Deed]:
    """The hall of a violin: out, in again, and more of it."""
    on, off = at + 3 * RATE // 10, at + 6 * RATE // 10
    return [
        Deed(at, "program change", (0xC0, HALL_VIOLIN)),
        Deed(on, "effect out or in", osc=("bypass_effect", ("hall",))),
        Deed(off, "effect out or in", osc=("bypass_effect", ("hall",))),
        Deed(off + RATE // 10, "fader", osc=("hall/mix", (chance.uniform(0.1, 0.6),))),
    ]


def footswitch(at: int, chance: random.Random) -> list[Deed]:
    off = at + round(chance.uniform(0.3, 1.5) * RATE)
    return [
        Deed(at, "bypass", (0xB0, FOOTSWITCH, 127)),
        Deed(off, "bypass", (0xB0, FOOTSWITCH, 0)),
    ]


def taps(at: int, chance: random.Random) -> list[Deed]:
    return [Deed(at + round(n * TAP_S * RATE), "tap", (0x90, TAP, 100)) for n in range(4)]


def clock(at: int, chance: random.Random) -> list[Deed]:
    """Two beats of a drum machine."""
    tick = RATE * 60.0 / CLOCK_BPM / 24
    return [Deed(at + round(n * tick), "clock", (CLOCK,)) for n in range(49)]


def panic(at: int, chance: random.Random) -> list[Deed]:
    return [Deed(at, "panic", (0xB0, ALL_NOTES_OFF, 0))]


def record(at: int, chance: random.Random) -> list[Deed]:
    """The pedal ends the take, and begins the next a little later."""
    again = at + round(chance.uniform(0.2, 1.0) * RATE)
    return [Deed(when, "record", (0x90, RECORD, 100)) for when in (at, again)]


DEEDS = {
    "program": program,
    "pedal": pedal,
    "osc": by_osc,
    "quick": quick_changes,
    "sweep": sweep,
    "fader": fader,
    "effect": effect,
    "bypass": footswitch,
    "taps": taps,
    "clock": clock,
    "panic": panic,
    "record": record,
}
HOW_OFTEN: Mapping[str, int] = {"program": 3, "pedal": 2, "osc": 2, "sweep": 4, "fader": 2}
DECK = [kind for kind in DEEDS for _ in range(HOW_OFTEN.get(kind, 1))]
