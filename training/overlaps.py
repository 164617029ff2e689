"""Finds out which windows were cut from the same recording, and joins them again.

ddsp_prepare_tfrecord cuts 20 s of sound into windows of 4 s, one a second, and *shuffles* them over
its files: three quarters of each window also stand in its neighbours, wherever these are. Dealt to
training and validation window by window, the validation set would be known by heart. So windows
become recordings again, and the splits are made in recorded time.

Each window has an *anchor*: its first few samples that are not silence nor anything else constant.
Where the anchor's exact bits turn up later in another window, that one began earlier; the sounds
are then compared sample by sample over all of the overlap. A window's successor is the one that
begins soonest after it. A window that is there twice counts once.
"""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

ANCHOR_SAMPLES = 32
TABLE_BITS = 22
"""4 MB that say quickly of nearly every sample that no anchor begins like it."""
MULTIPLIER = np.uint32(2654435761)
"""2^32 over the golden ratio, made odd: Knuth's multiplicative hash."""
MOST_CANDIDATES = 256
"""Places in one window where anchors turn up; only a signal that repeats itself has more."""

Floats = NDArray[np.float32]


class Anchor(NamedTuple):
    """Bits of `ANCHOR_SAMPLES` samples that do not stand everywhere, and where they begin."""

    position: int
    bits: bytes


class Piece(NamedTuple):
    """A window's place in its recording, in samples."""

    window: int
    start: int


def join_windows(n_windows: int, audio_of: Callable[[int], Floats]) -> list[list[Piece]]:
    """Windows grouped into recordings, each in order of time; in the order of their first window.

    Args:
        audio_of: sound of window n; called about six times each, so that few need to be in memory.
    """
    anchors, seen = {}, set()
    for n in range(n_windows):
        audio = audio_of(n)
        digest = hashlib.sha256(audio.tobytes()).digest()
        if digest not in seen:
            seen.add(digest)
            anchors[n] = find_anchor(audio)
    follows = _links(anchors, audio_of)
    heads = sorted(set(anchors) - {after for after, _ in follows.values()})
    return [_chain(head, follows) for head in heads]


def find_anchor(audio: Floats) -> Anchor | None:
    """The window's first samples that are all different; None where it is silent throughout."""
    whole = audio[: len(audio) // ANCHOR_SAMPLES * ANCHOR_SAMPLES].reshape(-1, ANCHOR_SAMPLES)
    varied = (np.diff(np.sort(whole, axis=1), axis=1) != 0.0).sum(axis=1) > ANCHOR_SAMPLES // 2
    if not varied.any():
        return None
    position = int(np.argmax(varied)) * ANCHOR_SAMPLES
    return Anchor(position, audio[position : position + ANCHOR_SAMPLES].tobytes())


def _links(
    anchors: dict[int, Anchor | None], audio_of: Callable[[int], Floats]
) -> dict[int, tuple[int, int]]:
    """Window to the one that begins soonest after it, and by how many samples."""
    by_bits: dict[bytes, list[int]] = defaultdict(list)
    for n, anchor in anchors.items():
        if anchor:
            by_bits[anchor.bits].append(n)
    table = np.zeros(1 << TABLE_BITS, dtype=bool)
    first_samples = b"".join(bits[:4] for bits in by_bits)
    table[_slots(np.frombuffer(first_samples, np.uint32))] = True
    follows: dict[int, tuple[int, int]] = {}
    leads: dict[int, int] = {}
    for n, anchor in anchors.items():
        if anchor is None:
            continue
        audio = audio_of(n)
        for shift, after in _candidates(n, audio, anchors, by_bits, table):
            free = after not in leads and after != _head(n, leads)
            if free and _overlap(audio, audio_of(after), shift):
                follows[n], leads[after] = (after, shift), n
                break
    return follows


def _head(n: int, leads: dict[int, int]) -> int:
    """The window that begins the chain in which n stands: a sound in circles has none otherwise."""
    while n in leads:
        n = leads[n]
    return n


def _candidates(
    n: int,
    audio: Floats,
    anchors: dict[int, Anchor | None],
    by_bits: dict[bytes, list[int]],
    table: NDArray[np.bool_],
) -> list[tuple[int, int]]:
    """(shift, window) of windows that may begin `shift` samples after window n, soonest first."""
    found = []
    for place in np.flatnonzero(table[_slots(audio.view(np.uint32))]):
        bits = audio[place : place + ANCHOR_SAMPLES].tobytes()
        for after in by_bits.get(bits, []):
            anchor = anchors[after]
            shift = int(place) - (anchor.position if anchor else 0)
            if after != n and shift > 0:
                found.append((shift, after))
        if len(found) > MOST_CANDIDATES:
            break
    return sorted(found)


def _slots(bits: NDArray[np.uint32]) -> NDArray[np.uint32]:
    return np.asarray(bits * MULTIPLIER >> np.uint32(32 - TABLE_BITS))


def _overlap(earlier: Floats, later: Floats, shift: int) -> bool:
    n_common = min(len(earlier) - shift, len(later))
    return bool(np.array_equal(earlier[shift : shift + n_common], later[:n_common]))


def _chain(head: int, follows: dict[int, tuple[int, int]]) -> list[Piece]:
    pieces = [Piece(head, 0)]
    while pieces[-1].window in follows:
        after, shift = follows[pieces[-1].window]
        pieces.append(Piece(after, pieces[-1].start + shift))
    return pieces


def paste(parts: Sequence[NDArray[np.float32]], starts: Sequence[int]) -> Floats:
    """Pieces at their places; where they overlap they are equal. Shape: (T_n,) each -> (T,)."""
    joined = np.zeros(max(s + len(p) for p, s in zip(parts, starts, strict=True)), np.float32)
    for part, start in zip(parts, starts, strict=True):
        joined[start : start + len(part)] = part
    return joined
