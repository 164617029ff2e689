"""Some thousands of byte streams from MIDI cables; `python -m benchmarks.fuzz_midi` tries more."""

from benchmarks import fuzz_midi
from realtime.midi_router import MidiRouter


def test_no_stream_of_bytes_raises_hangs_or_moves_a_control_out_of_its_range():
    found = fuzz_midi.run(1000, seed=1)
    assert found.failures == []
    assert found.n_accepted == 1000


def test_the_fuzzer_sees_what_it_looks_for(monkeypatch):
    def broken(self, gesture, port):
        if gesture.source == "bend":
            raise ZeroDivisionError

    monkeypatch.setattr(MidiRouter, "_do", broken)
    failures = fuzz_midi.run(50, seed=1).failures
    assert failures
    assert "ZeroDivisionError" in failures[0]
