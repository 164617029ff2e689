"""MIDI bytes and what they say: pairs, NRPN, banks, and what is none."""

import pytest

from realtime.midi_gestures import Gesture, MidiParser, check_bytes, stretched


def said(*messages):
    parser = MidiParser()
    return [gesture for message in messages for gesture in parser.gestures(message)]


def cc(number, value, channel=1):
    return [0xB0 + channel - 1, number, value]


def of(gestures, source, bits=7):
    return [g.value for g in gestures if (g.source, g.bits) == (source, bits)]


def nrpn(*values):
    return of(said(*values), "nrpn", 14)


@pytest.mark.parametrize(
    ("data", "gesture"),
    [
        ([0xB4, 70, 5], Gesture("cc", 5, 70, 5)),
        ([0x9F, 60, 1], Gesture("note", 16, 60, 1)),
        ([0x90, 60, 0], Gesture("note", 1, 60, 0)),
        ([0x80, 60, 99], Gesture("note", 1, 60, 0)),
        ([0xA0, 60, 7], Gesture("key_pressure", 1, 60, 7)),
        ([0xC0, 0], Gesture("program", 1, 1, 0, 16383)),
        ([0xD1, 100], Gesture("pressure", 2, 0, 100)),
        ([0xE0, 0, 64], Gesture("bend", 1, 0, 8192, 16383, 14)),
        ([0xE0, 127, 127], Gesture("bend", 1, 0, 16383, 16383, 14)),
    ],
)
def test_each_kind_of_message(data, gesture):
    check_bytes(data)
    assert said(data) == [gesture]


@pytest.mark.parametrize(
    "data",
    [
        *([], [0x40], [1, 2, 3], [0xB0], [0xB0, 1], [0xB0, 1, 2, 3], [0xB0, 1, 128], [0xF4]),
        *([0xC0, 1, 2], [0xF1], [0xF8, 1], [0xE0, 200, 0], [0xFD], [0xB0, -1, 2], [300, 1, 1]),
    ],
)
def test_broken_messages_are_found(data):
    with pytest.raises(ValueError, match=r"status|data"):
        check_bytes(data)


def test_a_pair_works_with_its_coarse_half_alone_and_finer_with_both():
    assert of(said(cc(1, 0), cc(1, 64), cc(1, 127)), "cc", 14) == [0, 8192, 16383]
    assert of(said(cc(1, 64), cc(33, 5)), "cc", 14) == [8192, 64 * 128 + 5]


def test_a_coarse_half_that_repeats_does_not_jump_back_and_a_new_one_starts_at_zero():
    steps = (cc(1, 64), cc(33, 100), cc(1, 64), cc(33, 101), cc(1, 65), cc(33, 2))
    assert of(said(*steps), "cc", 14)[1:] == [8292, 8292, 8293, 8320, 8322]


def test_a_fine_half_alone_says_nothing():
    assert of(said(cc(33, 100)), "cc", 14) == []


def test_pairs_of_two_channels_do_not_mix():
    assert of(said(cc(1, 10), cc(1, 20, channel=2), cc(33, 7)), "cc", 14)[-1] == 10 * 128 + 7


def test_both_halves_are_knobs_of_their_own_too():
    assert of(said(cc(1, 64), cc(33, 5)), "cc") == [64, 5]


def test_an_nrpn_is_selected_once_and_then_entered():
    select = (cc(99, 2), cc(98, 44))
    gestures = said(*select, cc(6, 64), cc(38, 9), cc(6, 64), cc(38, 10))
    assert of(gestures, "nrpn", 14) == [8192, 8201, 8201, 8202]
    assert {g.number for g in gestures if g.source == "nrpn"} == {300}
    assert of(gestures, "cc", 14) == [], "data entry of an NRPN is no knob of its own"


def test_an_nrpn_steps_up_and_down_within_its_ends():
    select = (cc(99, 0), cc(98, 1))
    assert nrpn(*select, cc(6, 1), cc(96, 0), cc(96, 0), cc(97, 0)) == [128, 129, 130, 129]
    assert nrpn(*select, cc(6, 0), cc(38, 0), cc(97, 0)) == [0, 0, 0]
    assert nrpn(*select, cc(96, 0)) == []


def test_after_rpn_null_data_entry_is_a_knob_again():
    gestures = said(cc(99, 0), cc(98, 1), cc(101, 127), cc(100, 127), cc(6, 50))
    assert of(gestures, "nrpn", 14) == []
    assert gestures[-2] == Gesture("cc", 1, 6, 50)


def test_registered_parameters_are_for_synthesizers():
    assert said(cc(101, 0), cc(100, 0), cc(6, 12))[-1].number == 100


def test_another_nrpn_forgets_the_half_of_the_one_before():
    first, second = (cc(99, 0), cc(98, 1)), (cc(98, 2),)
    assert nrpn(*first, cc(6, 1), cc(38, 77), *second, cc(6, 1)) == [128, 205, 128]


def test_banks_count_by_their_coarse_half_until_there_is_a_fine_one():
    program = [0xC0, 4]
    assert said(cc(0, 3), program)[-1] == Gesture("program", 1, 5, 3, 16383)
    assert said(cc(0, 1), cc(32, 2), program)[-1].value == 130


def test_seven_bits_become_fourteen_without_turning_back():
    values = [stretched(value) for value in range(128)]
    assert values == sorted(values)


def test_system_messages_say_nothing():
    assert said([0xF0, 1, 0xF7], [0xF1, 3], [0xF2, 1, 2], [0xF6], [0xF8]) == []


def test_pedals_are_pressed_from_their_middle_and_keys_however_softly():
    pedals = [Gesture("cc", 1, 64, value).is_pressed for value in (0, 63, 64, 127)]
    assert pedals == [False, False, True, True]
    assert Gesture("note", 1, 60, 1).is_pressed
    assert not Gesture("bend", 1, 0, 8191, 16383, 14).is_pressed
