"""Learning by moving a knob; the file that keeps it; the command line that shows it."""

import json

import pytest
from desks import a_desk

from ddsp_core.errors import ChanterelleError, ControlError
from realtime import cli
from realtime.mapping import MidiEntry
from realtime.midi_learn import PATIENCE_S, MidiLearner
from realtime.midi_learned import load_learned, save_learned
from realtime.midi_router import MidiRouter


class Now:
    """A clock that stands."""

    time_s = 100.0

    def __call__(self):
        return self.time_s


class Bench:
    """A desk with a learner."""

    def __init__(self, path):
        self.path, self.now = path, Now()
        self.desk, self.instrument, self.changes = a_desk()
        self.router = MidiRouter(self.desk)
        self.learner = MidiLearner(self.desk, self.router, path, self.now)

    def learn(self, name):
        self.desk.do("learn", name, "keys")

    def send(self, *messages):
        for message in messages:
            self.router.on_message(message, "knobs")

    @property
    def said(self):
        return [change.value for change in self.changes if change.what == "message"]


@pytest.fixture
def bench(tmp_path):
    return Bench(tmp_path / "midi.yaml")


def sweep(cc, *values):
    return [[0xB2, cc, value] for value in values]


def test_a_knob_that_moves_turns_the_control_from_then_on_and_tomorrow(bench):
    bench.learn("room_mix")
    bench.send(*sweep(20, 60, 61))
    assert load_learned(bench.path) == (), "two values may be a stray hand"
    bench.send(*sweep(20, 62))
    assert load_learned(bench.path) == (MidiEntry(cc=20, channel=3, control="room_mix"),)
    assert bench.said[-1] == "cc 20, channel 3 moves room_mix from now on"
    assert bench.instrument.asked == [], "nothing moved while it was learned"
    tomorrow = Bench(bench.path)
    tomorrow.send(*sweep(20, 127, 100))
    assert [name for name, _ in tomorrow.instrument.asked] == ["room_mix", "room_mix"]


def test_a_stray_message_and_a_knob_that_stands_bind_nothing(bench):
    bench.learn("room_mix")
    bench.send(*sweep(20, 60, 60, 60, 60), *sweep(21, 1), *sweep(22, 2), [0x92, 60, 1])
    assert bench.learner.waits_for == "room_mix"
    assert load_learned(bench.path) == ()


@pytest.mark.parametrize(
    ("messages", "entry"),
    [
        ([[0xE0, 0, 60], [0xE0, 0, 61], [0xE0, 0, 62]], {"bend": True}),
        ([[0xD0, 1], [0xD0, 2], [0xD0, 3]], {"pressure": True}),
        ([[0xB0, 1, 64], *([0xB0, 33, k] for k in range(3))], {"cc": 1, "bits": 14}),
        ([[0xB0, 99, 2], [0xB0, 98, 44], *([0xB0, 6, k] for k in range(3))], {"nrpn": 300}),
        ([[0xB0, 40, k] for k in range(3)], {"cc": 40}),
    ],
)
def test_each_kind_of_knob(bench, messages, entry):
    bench.learn("echo.mix")
    bench.send(*messages)
    expected = MidiEntry.model_validate({**entry, "channel": 1, "control": "echo.mix"})
    assert load_learned(bench.path) == (expected,)


@pytest.mark.parametrize(
    ("messages", "entry"),
    [
        ([[0xB0, 64, 127], [0xB0, 64, 0], [0xB0, 64, 127]], {"cc": 64}),
        ([[0x90, 36, 9], [0x80, 36, 0], [0x90, 36, 9]], {"note": 36}),
        ([[0xC0, 4], [0xC0, 4]], {"program": 5}),
    ],
)
def test_a_switch_pressed_twice_gives_a_command(bench, messages, entry):
    bench.learn("bypass")
    bench.send(*messages[:-1])
    assert bench.learner.waits_for == "bypass"
    bench.send(messages[-1])
    expected = MidiEntry.model_validate({**entry, "channel": 1, "command": "bypass"})
    assert load_learned(bench.path) == (expected,)
    assert bench.instrument.asked == []


def test_asking_again_cancels_and_asking_for_another_changes_it(bench):
    bench.learn("room_mix")
    bench.learn("room_mix")
    assert bench.learner.waits_for == ""
    bench.learn("room_mix")
    bench.learn("dry_wet")
    bench.send(*sweep(20, 1, 2, 3))
    assert load_learned(bench.path)[0].target == "dry_wet"


def test_it_does_not_wait_for_ever(bench):
    bench.learn("room_mix")
    bench.now.time_s += PATIENCE_S + 1
    bench.send(*sweep(20, 1, 2, 3))
    assert bench.said[-1] == "no knob moved for room_mix"
    assert load_learned(bench.path) == ()


def test_a_view_is_told_when_it_no_longer_waits_and_asking_again_is_no_cancel(bench):
    bench.learn("room_mix")
    bench.now.time_s += PATIENCE_S + 1
    assert bench.learner.waits_for == ""
    bench.learn("room_mix")
    assert bench.learner.waits_for == "room_mix"


def test_what_moves_a_control_is_said_until_it_is_forgotten(bench):
    bench.learn("room_mix")
    bench.send(*sweep(20, 60, 61, 62))
    assert bench.router.mapped == {"room_mix": "cc 20, channel 3"}
    assert bench.learner.learned == ("room_mix",)
    bench.desk.do("forget", "room_mix", "console")
    assert bench.router.mapped == {} == dict.fromkeys(bench.learner.learned)
    assert load_learned(bench.path) == ()
    bench.send(*sweep(20, 1, 2, 3))
    assert bench.instrument.asked == [], "the knob turns it no more"


def test_what_was_never_learned_cannot_be_forgotten(bench):
    with pytest.raises(ControlError, match="no knob was learned for 'room_mix': nothing"):
        bench.desk.do("forget", "room_mix", "console")


def test_panic_works_while_a_knob_is_waited_for(bench):
    bench.learn("room_mix")
    bench.send([0xB0, 123, 0])
    assert bench.instrument.asked == [("panic", None)]


@pytest.mark.parametrize("name", ["rom_mix", "hall.mix", "preset", "tempo"])
def test_what_cannot_be_learned_is_said(bench, name):
    with pytest.raises(ControlError):
        bench.learn(name)
    assert bench.learner.waits_for == ""


def test_a_knob_turns_one_thing_and_a_thing_has_one_knob(bench):
    for name, cc in (("room_mix", 20), ("dry_wet", 20), ("dry_wet", 21)):
        bench.learn(name)
        bench.send(*sweep(cc, 1, 2, 3))
    assert load_learned(bench.path) == (MidiEntry(cc=21, channel=3, control="dry_wet"),)


def test_a_disk_that_takes_nothing_is_said_and_the_knob_works(tmp_path):
    (tmp_path / "file").write_text("no folder")
    bench = Bench(tmp_path / "elsewhere" / "midi.yaml")
    bench.learner._path = tmp_path / "file" / "midi.yaml"
    bench.learn("octave_shift")
    bench.send(*sweep(20, 1, 2, 3), *sweep(20, 127))
    assert "learned until the end of this session" in bench.said[-1]
    assert bench.instrument.asked == [("octave_shift", 3.0)]


def test_everything_that_a_line_may_say_survives_the_file(tmp_path):
    entries = (
        MidiEntry(nrpn=9, control="room_mix", range=(1.0, 0.5), curve="exponential", pickup=False),
        MidiEntry(program=3, bank=2, command="preset", value="Duet"),
        MidiEntry(bend=True, channel=2, control="transpose_semitones", mode="absolute"),
    )
    save_learned(entries, tmp_path / "new" / "midi.yaml")
    assert load_learned(tmp_path / "new" / "midi.yaml") == entries
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["midi.yaml"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("midi: [{cc: 200, control: room_mix}]", "midi[0].cc: 200"),
        ("midi: [{cc: 20, control: rom_mix}]", "midi[0].control: unknown control 'rom_mix'"),
        ("knobs: []", "unknown key 'knobs'"),
        ("midi: [", "line 1"),
        ("", "empty"),
    ],
)
def test_mistakes_in_the_file_are_named(tmp_path, text, words):
    (tmp_path / "midi.yaml").write_text(text)
    with pytest.raises(ChanterelleError) as caught:
        load_learned(tmp_path / "midi.yaml")
    assert words in str(caught.value)
    assert "midi.yaml" in str(caught.value)


@pytest.fixture
def kept(tmp_path, monkeypatch):
    monkeypatch.setenv("CHANTERELLE_CONFIG", str(tmp_path))
    monkeypatch.setenv("JACK_DEFAULT_SERVER", "nobody")
    monkeypatch.setenv("JACK_NO_START_SERVER", "1")
    save_learned([MidiEntry(cc=20, channel=1, control="room_mix")])


def test_the_command_line_shows_and_forgets(kept, capsys):
    assert cli.main(["midi"]) == 0
    assert "cc 20, channel 1: room_mix" in capsys.readouterr().out
    assert cli.main(["midi", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["learned"] == [{"cc": 20, "channel": 1, "control": "room_mix"}]
    assert cli.main(["midi", "forget", "room_mix"]) == 0
    assert load_learned() == ()


def test_forgetting_what_was_not_learned_is_an_error(kept, capsys):
    assert cli.main(["midi", "forget", "dry_wet"]) == 2
    assert "no knob for 'dry_wet': there are: room_mix" in capsys.readouterr().err
