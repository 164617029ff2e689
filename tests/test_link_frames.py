"""Frames of the link: any bytes, cut anywhere, give frames or one kind of error."""

import json
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from realtime.link_frames import LONGEST, LONGEST_WISH, Frame, FrameReader, LinkError, pack
from realtime.link_frames import pack_values as packed
from realtime.link_live import pack_live, unpack_live
from realtime.meters import Meters, Sounding

kinds = st.binary(min_size=1, max_size=1)


def read(pieces: list[bytes], longest: int = LONGEST) -> list[Frame]:
    reader, frames = FrameReader(longest), []
    for piece in pieces:
        reader.take(piece)
        frames += reader.frames()
    assert not reader.has_frame
    return frames


@given(st.lists(st.tuples(kinds, st.binary(max_size=40)), max_size=8), st.data())
@settings(max_examples=60, deadline=None)
def test_cutting_changes_nothing(messages: list[tuple[bytes, bytes]], data: st.DataObject) -> None:
    whole = b"".join(pack(kind, payload) for kind, payload in messages)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(whole)), max_size=5)))
    edges = [0, *cuts, len(whole)]
    pieces = [whole[a:b] for a, b in pairwise(edges)]
    assert read(pieces) == [Frame(kind, payload) for kind, payload in messages]


@given(st.lists(st.binary(max_size=64), max_size=6))
@settings(max_examples=60, deadline=None)
def test_any_bytes_give_frames_or_a_link_error(pieces: list[bytes]) -> None:
    reader = FrameReader(LONGEST_WISH)
    try:
        for piece in pieces:
            reader.take(piece)
            for frame in reader.frames():
                assert len(frame.payload) < LONGEST_WISH
    except LinkError:
        assert reader.has_frame  # and says so until it is closed


def test_frames_that_nobody_took_stay() -> None:
    reader = FrameReader()
    reader.take(pack(b"a", b"1") + pack(b"b", b"2") + b"\x05")
    assert next(reader.frames()) == Frame(b"a", b"1")
    assert reader.has_frame
    reader.take(b"\x00\x00\x00c1234")
    assert list(reader.frames()) == [Frame(b"b", b"2"), Frame(b"c", b"1234")]


@pytest.mark.parametrize("length", [0, LONGEST_WISH + 1, 2**32 - 1])
def test_a_length_that_cannot_be_is_an_error(length: int) -> None:
    with pytest.raises(LinkError, match="1 to 16384"):
        read([length.to_bytes(4, "little")], LONGEST_WISH)


@pytest.mark.parametrize("bomb", [b"[" * 9000, b"9" * 9000, b'{"a":' * 2000, b"\xff\xfe", b""])
def test_what_is_no_json_is_an_error(bomb: bytes) -> None:
    with pytest.raises(LinkError, match="no JSON"):
        _ = Frame(b"s", bomb).values


def test_numbers_that_json_does_not_have_become_null() -> None:
    (frame,) = read([packed(b"S", {"a": [float("inf"), 1.5], "b": (float("nan"),)})])
    assert json.loads(frame.payload) == {"a": [None, 1.5], "b": [None]}


def test_a_live_frame_comes_as_it_went() -> None:
    meters = Meters(-6.0, -9.0, 440.0, 0.75, -20.0, True)
    sounding = Sounding(
        880.0, np.array([1.0, 0.1, 0.0], np.float32), np.array([np.nan, 1e-9], np.float32)
    )
    data = pack_live(12.5, (-3.0, -1.5), meters, sounding, 0.25, -1.0)
    frame = unpack_live(data)
    assert frame[:10] == (12.5, -3.0, -1.5, 440.0, 0.75, -20.0, 880.0, 0.25, -1.0, True)
    assert (list(frame.harmonics), list(frame.bands)) == ([200, 160, 0], [0, 0])
