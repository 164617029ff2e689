"""The page of `report`: what was gathered, as tables, players and plots, the summary first."""

from collections.abc import Sequence
from html import escape

import numpy as np

from training import html_page
from training.charts import line_chart
from training.cross_synthesis import IN_TABLES, Sung
from training.evaluate import HEADINGS
from training.html_page import Html, heading, image, page, paragraph, table
from training.listening import Heard, pictures
from training.plots import Track, impulse_response
from training.report import Material
from training.sung_clips import analyse, frame_times

Cell = str | float | Html

TARGETS = {
    "loudness_l1_db": 2.0,
    "f0_l1_semitones": 0.10,
    "f0_outlier_share": 0.005,
}
"""What a voice that ships should reach, at most."""
TIMBRE_TARGET = 1 / 3
RECORDING = "the recording itself"


def report_page(material: Material) -> str:
    """The whole document."""
    name = next(iter(material.evaluations))
    main = material.evaluations[name]
    where = f"recordings of {main.room}" if main.room else "all recordings"
    top = (
        f"Measured on {where} in the dataset {material.dataset}, on what was held out of "
        f"training. Pitch is judged by {main.judge}."
    )
    parts = [
        paragraph(top),
        *_figures(material),
        *_singing(material),
        *_recordings(material),
        *_training(material),
        *_room(material),
    ]
    return page(f"Voice: {name}", parts)


def _figures(material: Material) -> list[Html]:
    parts = [heading("Figures")]
    for split in material.recording:
        columns = {
            name: found.splits[split]._asdict()
            for name, found in material.evaluations.items()
            if split in found.splits
        }
        columns[RECORDING] = material.recording[split]._asdict()
        rows: list[Sequence[Cell]] = []
        for field, label in HEADINGS.items():
            target = f"{TARGETS[field]:g} or less" if field in TARGETS else ""
            rows.append([label, *(_number(column[field]) for column in columns.values()), target])
        parts += [paragraph(f"Split: {split}"), table(["", *columns, "target"], rows)]
    return [*parts, paragraph(EXPLAINED)]


EXPLAINED = (
    "Distances are L1 means, smaller is better. f0: an offline tracker gives the voice its pitch "
    "and judges what it played, where it was sure of the recording. Asked by the live f0: the "
    "voice is given the pitch that the live tracker heard, as on stage. Heard by the live tracker: "
    "on both sides, so that its own errors in a reverberant room count as the voice's; the column "
    "of the recording shows what the trackers make of a perfect copy."
)


def _singing(material: Material) -> list[Html]:
    sung = {name: found.sung for name, found in material.evaluations.items() if found.sung}
    if not sung:
        return []
    rows: list[Sequence[Cell]] = []
    for name, songs in sung.items():
        for one in songs:
            found = one.figures()
            keys = ("octave_shift", "input_gain_db", *IN_TABLES, "snr_db")
            rows.append([name, one.song.name, *(_number(found[key]) for key in keys)])
    labels = ["voice", "song", "octaves", "gain (dB)", "f0 L1", "within 50 cents"]
    labels += ["timbre: singer", "timbre: output", "ratio", "live = offline (dB)"]
    text = (
        "Sung clips through the live engine. Timbre: distance to recordings of the instrument at "
        f"the pitches that are played; the output's should be at most {TIMBRE_TARGET:.2f} of the "
        "singer's own. Live = offline: how far below the sound its difference to the torch "
        "rendering lies."
    )
    parts = [heading("Singing"), paragraph(text), table(labels, rows)]
    for same in zip(*sung.values(), strict=True):
        parts += _compared([heard_singing(one) for one in same], list(sung), same[0].song.name)
    return parts


def heard_singing(one: Sung) -> Heard:
    """A song beside what came, for the plots."""
    song = one.song
    came = analyse(one.live, song.extractor)
    times_s = frame_times(len(came.f0_hz), song.extractor)
    titles = ("sung", "played live")
    asked = Track("sung, in the voice's register", times_s, song.heard)
    tracks = (asked, Track("played live", times_s, came))
    return Heard(song.name, song.audio, one.live, song.sample_rate, titles, *tracks)


def _recordings(material: Material) -> list[Html]:
    parts = [heading("Held-out recordings, resynthesised")]
    voices = list(material.resynthesised)
    for number, clips in enumerate(zip(*material.resynthesised.values(), strict=True), start=1):
        parts += _compared(list(clips), voices, f"Clip {number}")
    return parts


def _compared(heard: Sequence[Heard], voices: Sequence[str], name: str) -> list[Html]:
    """One sound: players of all voices, plots of the first."""
    given = heard[0]
    players = [[given.titles[0], html_page.audio(given.given, given.sample_rate)]]
    for voice, one in zip(voices, heard, strict=True):
        players.append([voice, html_page.audio(one.played, one.sample_rate)])
    drawn = pictures(given)
    kept = ("spectrogram", "pitch_and_loudness")
    plots = [image(drawn[kind], f"{name}: {kind.replace('_', ' ')}") for kind in kept]
    return [Html(f"<h3>{escape(name)}</h3>"), table(["", ""], players), *plots]


def _training(material: Material) -> list[Html]:
    curve = material.curve
    if curve is None or "step" not in curve or len(curve["step"]) == 0:
        return []
    lines = {
        label: (curve["step"], curve[key])
        for key, label in (("loss", "training"), ("validation_loss", "validation"))
        if key in curve
    }
    return [heading("Training"), image(line_chart(lines, "step", "loss"), "loss over steps")]


def _room(material: Material) -> list[Html]:
    taps = material.room
    energy = float(np.sum(taps.astype(np.float64) ** 2))
    level_db = 10.0 * np.log10(max(energy, 1e-12))
    text = f"Reverberation is {level_db:+.1f} dB against the direct sound."
    figure = impulse_response(taps, material.sample_rate, "the learned room")
    return [heading("Room"), paragraph(text), image(figure, "impulse response of the room")]


def _number(value: float | None) -> Cell:
    return "–" if value is None or not np.isfinite(value) else float(value)
