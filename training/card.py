"""`card.md` of a voice: all that is known of it, in a form that a person only adds prose to.

Whatever stands under the heading `## Notes` is a person's, and stays when a card is written again.
"""

from collections.abc import Iterable, Mapping, Sequence
from string import Template
from typing import Any

import yaml

from ddsp_core.units import note_name
from training.quality_file import Quality
from training.voice_yaml import VoiceYaml

FILE_NAME = "card.md"
NOTES = "## Notes"
USES = {"train": "to train", "validation": "held out", "test": "to test"}
NO_NOTES = "Nothing written yet: how it sounds, what it is weak at, how to sing to it."

TEMPLATE = Template(
    """# $title

$summary

$facts

## Data and attribution

$data

## What it has heard

$heard

## Recipe

$recipe

## Measured

$measured

"""
)


def card(voice: VoiceYaml, n_bytes: int, *, has_curve: bool, notes: str | None) -> str:
    """The whole page.

    Args:
        n_bytes: size of the voice file.
        has_curve: whether `curve.csv` is beside it.
        notes: what stands under `## Notes` so far; see `notes_of`.
    """
    page = TEMPLATE.substitute(
        title=voice.name[0].upper() + voice.name[1:],
        summary=_summary(voice),
        facts=_facts(voice, n_bytes),
        data=_data(voice),
        heard=_heard(voice),
        recipe=_recipe(voice, has_curve),
        measured=_measured(voice.quality),
    )
    return f"{page}{NOTES}\n\n{notes or NO_NOTES}\n"


def notes_of(page: str) -> str | None:
    """What a person wrote under `## Notes`, to the end of the page; None where that is nothing."""
    _, heading, notes = page.partition(f"\n{NOTES}\n")
    return (notes.strip() or None) if heading and notes.strip() != NO_NOTES else None


def table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table in Markdown."""
    cells = [headings, ["---"] * len(headings), *rows]
    return "\n".join(f"| {' | '.join(row)} |" for row in cells)


def _summary(voice: VoiceYaml) -> str:
    frame_ms = 1000.0 * voice.hop_size / voice.sample_rate
    article = "An" if voice.instrument[:1].lower() in "aeiou" else "A"
    return (
        f"{article} {voice.instrument} for Chanterelle: {voice.sample_rate:,} Hz, a control frame "
        f"every {frame_ms:.2f} ms ({voice.hop_size} samples)."
    )


def _facts(voice: VoiceYaml, n_bytes: int) -> str:
    sizes = voice.synthesis
    reverb_s = sizes.reverb_len / voice.sample_rate
    room = f"{sizes.reverb_len:,} samples ({reverb_s:.2f} s)"
    if voice.training.room:
        room += f", learned from the recordings of `{voice.training.room}`"
    rows = [
        (
            "synthesizer",
            f"{sizes.synth}: {sizes.n_harmonics} partials, {sizes.n_bands} noise bands",
        ),
        ("decoder", f"{sizes.n_units} units"),
        ("room", room),
        ("own delay", f"{voice.latency_ms:.1f} ms"),
        ("file", f"`voice.safetensors`, 16-bit, {n_bytes / 1e6:.1f} MB"),
        ("licence of this voice", voice.licence or "**not stated** (`--licence`)"),
    ]
    return table(("", ""), rows)


def _data(voice: VoiceYaml) -> str:
    told = voice.training
    lines = [f"- {line}" for line in voice.attribution]
    lines = lines or ["**Not stated**: whose recordings these are (`--attribution`)."]
    if told.started_from is not None:
        lines.append(_started_from(told.started_from))
    if "train_hours" in voice.statistics:
        minutes = [
            f"{60.0 * hours:.1f} minutes {use}"
            for split, use in USES.items()
            if (hours := voice.statistics.get(f"{split}_hours", 0.0)) > 0.0
        ]
        lines += ["", f"{', '.join(minutes)}."] if minutes else []
    if told.recordings or told.notes:
        lines += ["", f"Recordings of phrases: {len(told.recordings)}; single notes: {told.notes}."]
        lines += [f"- `{name}`" for name in told.recordings]
    return "\n".join(lines)


def _started_from(told: Mapping[str, Any]) -> str:
    parts = [f"`{name}`" for name in told.get("recordings", [])]
    parts += [f"{told['notes']} single notes"] if told.get("notes") else []
    whose = ", ".join(parts) or "recordings not named"
    return f"- Training began with a voice of {whose}, whose attribution belongs here as well."


def _heard(voice: VoiceYaml) -> str:
    if voice.range_hz is None:
        return "Not known: the voice file says nothing of its training set."
    quantiles = {
        "pitch, Hz": voice.statistics["f0_quantiles_hz"],
        "loudness, dB": voice.statistics["loudness_quantiles_db"],
    }
    percentages = list(quantiles["pitch, Hz"])
    rows = [[name, *(f"{of[p]:.1f}" for p in percentages)] for name, of in quantiles.items()]
    notes = ["note", *(note_name(quantiles["pitch, Hz"][p])[0] for p in percentages)]
    headings = ["quantile", *(f"{percentage} %" for percentage in percentages)]
    return (
        f"{table(headings, [notes, *rows])}\n\n"
        "Of the training frames with a clear pitch, after levelling; loudness is A-weighted, re a "
        "full-scale square wave. Far beyond, pitch is followed with the tone of the nearest edge."
    )


def _recipe(voice: VoiceYaml, has_curve: bool) -> str:
    told = voice.training
    facts = [] if told.steps is None else [f"{told.steps:,} steps."]
    if told.held_out_loss is not None:
        facts.append(f"Loss on held-out recordings: {told.held_out_loss:.3f}.")
    if has_curve:
        facts.append("The curve is in [curve.csv](curve.csv).")
    parts = [" ".join(facts)] if facts else []
    if told.recipe is not None:
        text = yaml.safe_dump(told.recipe, sort_keys=False, default_flow_style=None, width=90)
        parts.append(f"```yaml\n{text}```")
    return "\n\n".join(parts) or "Not known: the voice file does not say."


def _measured(quality: Quality | None) -> str:
    if quality is None:
        return (
            "Not yet: `chanterelle-train evaluate VOICE --dataset DATASET --json > quality.json`, "
            "then export again with `--quality quality.json --force`."
        )
    about = [f"{key} {value}" for key, value in quality.about.items() if key != "voice"]
    parts = [f"By `chanterelle-train evaluate` ({', '.join(about) or 'no more is known'}):"]
    for title, columns in quality.tables.items():
        parts += [f"**{_words(title)}**"] if len(quality.tables) > 1 else []
        parts.append(_figures(columns))
    return "\n\n".join(parts)


def _figures(columns: Mapping[str, Mapping[str, float | None]]) -> str:
    rows = dict.fromkeys(row for column in columns.values() for row in column)
    cells = [
        [_words(row), *(_shown(row, column.get(row)) for column in columns.values())]
        for row in rows
    ]
    return table(("", *(_words(name) for name in columns)), cells)


def _words(key: str) -> str:
    """A key of JSON as people read it.

    >>> _words("loudness_l1_db"), _words("f0_outlier_share")
    ('loudness L1, dB', 'f0 outliers')
    """
    if key == "validation":
        return "held out"
    for ending, unit in (("_db", ", dB"), ("_hz", ", Hz"), ("_semitones", ", semitones")):
        if key.endswith(ending):
            key = key.removesuffix(ending) + unit
    for written, read in (("outlier_share", "outliers"), ("_l1", "_L1"), ("_", " ")):
        key = key.replace(written, read)
    return key.removeprefix("n ")


def _shown(row: str, value: float | None) -> str:
    if value is None:
        return "–"
    if row.endswith(("_share", "_cents")) and 0.0 <= value <= 1.0:
        return f"{100.0 * value:.1f} %"
    return f"{value:.0f}" if value == int(value) else f"{value:.3f}"
