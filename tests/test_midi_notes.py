"""Notes as a keyboard sends them: which one sounds, and how far it is bent."""

import pytest

from realtime.midi_notes import NoteState


def after(*messages: tuple[int, ...], is_mpe: bool = False) -> NoteState:
    state = NoteState(is_mpe)
    for message in messages:
        state.take(message)
    return state


def pitch(state: NoteState) -> float | None:
    return state.sounding.pitch if state.sounding else None


def on(note: int, velocity: int = 100, channel: int = 1) -> tuple[int, int, int]:
    return (0x90 + channel - 1, note, velocity)


def off(note: int, channel: int = 1) -> tuple[int, int, int]:
    return (0x80 + channel - 1, note, 0)


def bend(value: int, channel: int = 1) -> tuple[int, int, int]:
    return (0xE0 + channel - 1, value & 0x7F, value >> 7)


def cc(number: int, value: int, channel: int = 1) -> tuple[int, int, int]:
    return (0xB0 + channel - 1, number, value)


def test_the_last_key_sounds_and_the_one_before_comes_back() -> None:
    assert pitch(after()) is None
    assert pitch(after(on(60), on(64))) == 64
    assert pitch(after(on(60), on(64), off(64))) == 60
    assert pitch(after(on(60), on(64), off(60))) == 64
    assert pitch(after(on(60), on(64), off(64), off(60))) is None
    assert pitch(after(on(60), on(64), on(60))) == 60
    assert pitch(after(on(60), (0x90, 60, 0))) is None  # velocity 0 lets go


def test_a_note_has_its_velocity() -> None:
    sounding = after(on(60, 20), on(64, 100)).sounding
    assert sounding is not None
    assert sounding.velocity == pytest.approx(100 / 127)


@pytest.mark.parametrize(("value", "semitones"), [(0, -2.0), (8192, 0.0), (16383, 2.0)])
def test_the_wheel_bends_by_two_semitones(value: int, semitones: float) -> None:
    assert pitch(after(on(60), bend(value))) == pytest.approx(60 + semitones)


def test_its_range_can_be_set() -> None:
    wider = [cc(101, 0), cc(100, 0), cc(6, 12), cc(38, 50)]
    assert pitch(after(*wider, on(60), bend(16383))) == pytest.approx(72.5)
    # Afterwards no parameter is meant any more.
    assert pitch(after(*wider, cc(101, 127), cc(100, 127), cc(6, 1), on(60), bend(0))) == 47.5


def test_the_pedal_holds_what_is_let_go() -> None:
    assert pitch(after(cc(64, 127), on(60), off(60))) == 60
    assert pitch(after(cc(64, 127), on(60), off(60), cc(64, 0))) is None
    assert pitch(after(on(60), cc(64, 127), on(64), off(64), cc(64, 0))) == 60


@pytest.mark.parametrize("message", [cc(123, 0), cc(120, 0), (0xFF,)])
def test_all_notes_off_is_silence(message: tuple[int, ...]) -> None:
    assert pitch(after(on(60), on(64), message)) is None


def test_pressure_expression_and_breath() -> None:
    sounding = after(on(60), (0xD0, 127), cc(11, 0)).sounding
    assert sounding is not None
    assert (sounding.pressure, sounding.expression) == (1.0, 0.0)
    sounding = after(on(60), (0xA0, 60, 127), (0xA0, 61, 5)).sounding
    assert sounding is not None
    assert (sounding.pressure, sounding.expression) == (1.0, 1.0)
    reset = after(on(60), cc(11, 0), bend(0), cc(121, 0)).sounding
    assert reset is not None
    assert (reset.expression, reset.pitch) == (1.0, 60.0)


def test_in_mpe_each_note_is_bent_alone_and_all_together() -> None:
    zone = [cc(101, 0), cc(100, 6), cc(6, 15)]  # by the MPE configuration message
    for state in (after(*zone), after(is_mpe=True)):
        for message in (on(60, channel=2), bend(16383, channel=2), on(64, channel=3)):
            state.take(message)
        assert pitch(state) == pytest.approx(64)
        state.take(off(64, channel=3))
        assert pitch(state) == pytest.approx(60 + 48)
        state.take(bend(0, channel=1))  # the manager's range is 2
        assert pitch(state) == pytest.approx(60 + 48 - 2)


def test_a_zone_can_be_given_up() -> None:
    state = after(cc(101, 0), cc(100, 6), cc(6, 15), cc(6, 0))
    for message in (on(60, channel=2), bend(0, channel=1)):
        state.take(message)
    assert pitch(state) == 60
