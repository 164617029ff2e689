"""What a show sounded like: clicks around deeds, gaps where somebody sings, takes as a whole."""

import subprocess
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from numpy.typing import NDArray

from benchmarks.cards import CHANTERELLE, RATE
from benchmarks.measures import CLICK_RATIO, CLICK_WINDOW_S, QUIET_RMS
from benchmarks.show_plan import ALL_NOTES_OFF, CLOCK, Deed
from realtime.take_list import how_it_ended, list_takes
from realtime.take_notes import read_events
from realtime.take_sound import pieces

Audio = NDArray[np.float32]

NEAR_S = 0.08
"""After a deed: a block, and the longest ramp."""
OSC_S = 0.05
"""So uncertain is the time of what comes by OSC."""
APART_S = 0.005
N_SHOWN = 8
OURS = ("own", "interpreter", "unclear")
LIKE_CLICK = 0.75 * CLICK_RATIO
"""Of what is sung: a window on the edge of silence makes more of it."""

FRAME_S = 0.02
SUNG_DB, SILENT_DB, AUDIBLE_DB = -32.0, -65.0, -50.0
SUNG_S, GAP_S = 0.25, 0.06
AFTER_PANIC_S = 0.5

LSB = 2.0**-23


def click_figures(mic: Audio, out: Audio, deeds: Sequence[Deed], latency: int) -> dict[str, Any]:
    """Worst ratios and number of clicks, by the kind of the deed before; what is not near any is
    `elsewhere`. Consonants that click are heard where the instrument is bypassed: not counted.
    `at_s`: times of the speaker's sound. Shapes: (T,), (2, T + tail)."""
    ratio = np.max([click_ratio(channel) for channel in out], axis=0)
    for place in np.flatnonzero(click_ratio(mic) > LIKE_CLICK):
        start = place + latency - round(APART_S * RATE)
        ratio[max(start, 0) : start + round(3 * APART_S * RATE)] = 0.0
    kind_of = np.zeros(len(ratio), np.int16)
    kinds = ["elsewhere", *dict.fromkeys(deed.kind for deed in deeds if deed.kind)]
    for deed in deeds:
        if deed.kind:
            start = deed.sample - round(OSC_S * RATE) * bool(deed.osc[0])
            end = deed.sample + deed.length + latency + round((NEAR_S + OSC_S) * RATE)
            kind_of[start:end] = kinds.index(deed.kind)
    found = {}
    for number, kind in enumerate(kinds):
        of_kind = np.where(kind_of == number, ratio, 0.0)
        places = np.flatnonzero(of_kind > CLICK_RATIO)
        places = places[np.diff(places, prepend=-RATE) > APART_S * RATE]
        found[kind] = {
            "worst": round(float(of_kind.max()), 1),
            "n": len(places),
            "a_minute": round(60 * RATE * len(places) / max(int((kind_of == number).sum()), 1), 1),
            "at_s": (places[:N_SHOWN] / RATE).round(3).tolist(),
        }
    return found


def click_ratio(audio: Audio) -> NDArray[np.float32]:
    """Third difference over its rms, as `measures.clicks`, a value a sample. (T,) -> (T - 3,)."""
    third = np.diff(audio.astype(np.float64), n=3)
    window = round(CLICK_WINDOW_S * RATE)
    sums = np.concatenate(([0.0], np.cumsum(third**2)))
    first = np.clip(np.arange(len(third)) - window // 2, 0, max(len(third) - window, 0))
    power = (sums[np.minimum(first + window, len(third))] - sums[first]) / window
    ratio = np.abs(third) / np.maximum(np.sqrt(np.maximum(power, 0.0)), QUIET_RMS)
    return ratio.astype(np.float32)


def late_figures(
    said: Mapping[str, Any], recording: Any, deeds: Sequence[Deed]
) -> list[dict[str, Any]]:
    """Late blocks that are not the machine's: when, and what had been done last."""
    found = []
    for event in said.get("late_events", ()):
        cycle = int(np.searchsorted(recording.played_at_us, 1e6 * event["at_s"]))
        at = cycle * RATE * float(np.diff(recording.played_at_us[[0, -1]])[0])
        at /= 1e6 * max(len(recording.played_at_us) - 1, 1)
        before = [deed for deed in deeds if deed.kind and deed.sample <= at]
        if event["cause"] in OURS and 0 < cycle < len(recording.played_at_us):
            last = before[-1] if before else Deed(0, "the start")
            found.append(
                {key: event[key] for key in ("cause", "over_ms", "cpu_ms", "n_waits", "n_faults")}
                | {"at_s": round(at / RATE, 2), "after": last.kind}
                | {"after_s": round((at - last.sample) / RATE, 3)}
            )
    return found


def gaps(mic: Audio, out: Audio, deeds: Sequence[Deed], latency: int) -> list[list[float]]:
    """Start and length of silence while somebody has been singing aloud for a while, but for what
    follows a panic. Shapes: (T,), (2, T + tail)."""
    heard = level_db(np.concatenate((np.zeros(latency, np.float32), mic)))
    played = np.max([level_db(channel) for channel in out], axis=0)[: len(heard)]
    heard = heard[: len(played)]
    n_before = round(SUNG_S / FRAME_S)
    loud = np.convolve(heard > SUNG_DB, np.ones(n_before))[: len(heard)] >= n_before
    silent = loud & (played < SILENT_DB)
    for deed in deeds:
        if deed.kind == "panic":
            start = round(deed.sample / RATE / FRAME_S)
            silent[start : start + round(AFTER_PANIC_S / FRAME_S)] = False
    edges = np.flatnonzero(np.diff(np.concatenate(([0], silent.astype(np.int8), [0]))))
    spans = [(start, end - start) for start, end in edges.reshape(-1, 2)]
    long = [span for span in spans if span[1] * FRAME_S >= GAP_S]
    return [[round(float(start) * FRAME_S, 2), round(float(n) * FRAME_S, 2)] for start, n in long]


def level_db(audio: Audio) -> NDArray[np.float64]:
    """Rms of each frame. (T,) -> (N,)."""
    n = round(FRAME_S * RATE)
    frames = audio[: len(audio) // n * n].reshape(-1, n).astype(np.float64)
    return 10.0 * np.log10(np.mean(frames**2, axis=1) + 1e-12)


def take_figures(folder: Path, out: Audio, deeds: Sequence[Deed]) -> dict[str, Any]:
    """All takes: what they hold and whether they are what was heard. Shape of out: (2, T)."""
    listed = list_takes(folder)
    rows = [take_row(one.take, out) for one in listed if one.take]
    sent = [deed for deed in deeds if deed.midi and deed.midi[0] < CLOCK]
    return {
        "n": len(listed),
        "problems": [one.problem for one in listed if one.problem],
        "n_midi_sent": len(sent),
        "n_midi_recorded": sum(row["events"].get("midi", 0) for row in rows),
        "n_panics_sent": sum(deed.midi[:2] == (0xB0, ALL_NOTES_OFF) for deed in sent),
        "rows": rows,
    }


def take_row(take: Any, out: Audio) -> dict[str, Any]:
    """One take."""
    events = read_events(take.folder)
    wet = wet_of(take)
    return {
        "duration_s": round(take.duration_s, 2),
        "preroll_s": take.preroll_s,
        "ended": how_it_ended(take) or take.how,
        "events": dict(Counter(event["kind"] for event in events)),
        "events_outside": sum(not 0 <= event["sample"] <= take.n_samples for event in events),
        **against(wet, out),
        **rendered(take.folder, wet),
    }


def wet_of(take: Any) -> Audio:
    """All pieces of its sound. Shape: (1 or 2, T)."""
    paths = pieces(take.folder, "wet", take.layout)
    parts = [soundfile.read(path, dtype="float32", always_2d=True)[0] for path in paths]
    return np.asarray(np.concatenate(parts).T, np.float32)


def rendered(folder: Path, wet: Audio) -> dict[str, float]:
    """How far below the take its difference to what `take render` makes of it lies, and by how much
    levels of its frames differ.

    A take from the very start gives the same samples; for another, phases and what rang when it
    began are not known. Shape: (1 or 2, T)
    """
    path = folder.with_name(f"{folder.name}-again.wav")
    words = ["take", "render", str(folder), "--out", str(path), "--json"]
    subprocess.run([sys.executable, *CHANTERELLE, *words], check=True, capture_output=True)
    again = soundfile.read(path, dtype="float32", always_2d=True)[0].T
    n = min(again.shape[1], wet.shape[1])
    apart = float(np.mean((again[:, :n] - wet[:, :n]) ** 2)) / (float(np.mean(wet**2)) + 1e-20)
    levels_db, again_db = level_db(wet[0, :n]), level_db(again[0, :n])
    off_db = np.abs(levels_db - again_db)[levels_db > AUDIBLE_DB]
    return {
        "rendered_db": round(10.0 * float(np.log10(apart + 1e-20)), 1),
        "level_off_p95_db": round(float(np.percentile(off_db, 95)), 2) if len(off_db) else 0.0,
    }


def against(wet: Audio, out: Audio) -> dict[str, Any]:
    """Where a take lies in what was heard, and how far it is from it in last bits of 24.

    Shape: (1 or 2, T), (2, T')
    """
    loudest = int(np.argmax(np.convolve(level_db(wet[0]) > SUNG_DB, np.ones(50), "valid")))
    at = round(loudest * FRAME_S * RATE)
    lag = find(wet[0, at : at + RATE], out[0]) - at
    start, end = max(-lag, 0), min(wet.shape[1], out.shape[1] - lag)
    apart = np.abs(wet[:, start:end] - out[: len(wet), start + lag : end + lag])
    return {"at_s": round(lag / RATE, 3), "apart_bits": round(float(apart.max()) / LSB, 1)}


def find(probe: Audio, audio: Audio) -> int:
    """Where a piece lies: by Cauchy and Schwarz, its correlation over the norm of what it is
    compared with is greatest there. Shapes: (T,), (T',)"""
    size = 1 << (len(audio) + len(probe) - 1).bit_length()
    cross = np.fft.rfft(audio, size) * np.conj(np.fft.rfft(probe, size))
    correlation = np.fft.irfft(cross, size)[: len(audio) - len(probe) + 1]
    sums = np.concatenate(([0.0], np.cumsum(audio.astype(np.float64) ** 2)))
    energy = sums[len(probe) :] - sums[: -len(probe)]
    return int(np.argmax(correlation / np.sqrt(energy + 1e-3 * energy.max())))
