"""Recordings to prepare in tests: melodies with a known pitch, written and prepared in silence."""

import io

import pytest
import signals
import soundfile
from rich.console import Console

from training.prepare import Options, prepare

SAMPLE_RATE = 48000


def melody(seconds, sample_rate, peak=0.5):
    notes_hz = [262.0, 294.0, 330.0, 392.0, 440.0]
    repeated = [notes_hz[n % 5] for n in range(round(2 * seconds))]
    curve = signals.steps(repeated, 0.5, sample_rate)
    return signals.harmonic(curve, sample_rate, [1.0 / k for k in range(1, 21)], peak)


@pytest.fixture(scope="module", autouse=True)
def no_report_page():
    """The page of plots takes longer than all the rest, and has tests of its own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("training.prepare.write_report", lambda *_: False)
        yield


def write(path, audio, sample_rate=SAMPLE_RATE):
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, audio, sample_rate)
    return path


def prepare_quietly(places, out, **options):
    console = Console(file=io.StringIO(), width=100)
    index = prepare(places, out, Options(**options), console)
    return index, console.file.getvalue()
