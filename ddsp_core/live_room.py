"""The room as it plays: partitioned convolution in two sizes, without added latency.

The engine hands over whole hops of dry sound, so partitions of one hop cost no delay (overlap-save,
Stockham 1966). Two seconds would be 750 of them, read from memory every hop. So only the first 32
hops of the response are cut that small; the rest is cut into long partitions of 16 hops (Gardner
1995). A long block's result is due only when another long block has passed, so its transforms and
products are worked off a few a hop and every hop costs the same. `room.Room` is the reference.
"""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from ddsp_core.fourier import (
    Circle,
    circle,
    load_samples,
    load_spectrum,
    n_stages,
    newest_samples,
    size_for,
    spectra_of_pieces,
    transform,
)

Array = NDArray[np.float32]

HOPS_A_BLOCK = 16
SHORT_PARTITIONS = 2 * HOPS_A_BLOCK
"""Covered hop by hop: one long block is being collected while the one before is worked off."""
FORWARD_HOPS = 6
"""Of a block's hops these first ones transform what was collected before ..."""
PRODUCT_HOPS = 12
"""... these multiply, the newest spectrum last, and the rest of them transform back."""


class RoomTables(NamedTuple):
    """The response; P partitions of B bins."""

    short: Array  # (P, 2, B)
    short_circle: Circle
    long: Array  # (P, 2, B); P may be 0
    long_circle: Circle


class RoomStepState(NamedTuple):
    """Memory of both sizes.

    The arrays are large (0.8 MB for two seconds) and are written in place: a state that was handed
    to `forward` belongs to it from then on. Copying it would cost more than the convolution.
    """

    n_hops: NDArray[np.int64]  # (1,), since the beginning
    short_spectra: Array  # (P, 2, B), ring of past hops
    last_hops: Array  # (2 H,)
    long_spectra: Array  # (P, 2, B), ring of past long blocks
    collected: Array  # (2 * 16 H,): the last whole long block, and the one being filled
    work: Array  # (2, 2, B): a transform that is under way
    total: Array  # (2, B): what has been worked off so far
    due: Array  # (16 H,): reverberation of long partitions for the block being played


@njit(nogil=True, cache=True, fastmath=True)
def _multiply_add(past: Array, partition: Array, total: Array) -> None:
    """total (2, B) += past * partition, complex."""
    real, imag = total[0], total[1]
    x_re, x_im, h_re, h_im = past[0], past[1], partition[0], partition[1]
    for i in range(len(real)):
        real[i] += x_re[i] * h_re[i] - x_im[i] * h_im[i]
        imag[i] += x_re[i] * h_im[i] + x_im[i] * h_re[i]


@njit(nogil=True, cache=True, fastmath=True)
def _short_part(room: RoomTables, state: RoomStepState, hop: Array, out: Array) -> None:
    """out (H,) = reverberation of the first 32 hops of the response, by overlap-save."""
    hop_size, n_partitions = len(hop), len(room.short)
    state.last_hops[:hop_size] = state.last_hops[hop_size:]
    state.last_hops[hop_size:] = hop
    work = np.empty((2, 2, room.short.shape[2]), np.float32)
    stages = n_stages(work)
    load_samples(state.last_hops, room.short_circle, work)
    transform(work, room.short_circle, 0, stages)
    newest = state.n_hops[0] % n_partitions
    state.short_spectra[newest] = work[stages % 2]
    total = np.zeros((2, room.short.shape[2]), np.float32)
    for p in range(n_partitions):
        _multiply_add(state.short_spectra[(newest - p) % n_partitions], room.short[p], total)
    load_spectrum(total, work)
    transform(work, room.short_circle, 0, stages)
    newest_samples(work, room.short_circle, out)


@njit(nogil=True, cache=True, fastmath=True)
def _share(hop: int, n_hops: int, n_items: int) -> int:
    """How many of the items are done before this hop, if `n_hops` share them out."""
    return min(max(hop, 0), n_hops) * n_items // n_hops


@njit(nogil=True, cache=True, fastmath=True)
def _transform_share(work: Array, points: Circle, hop: int, n_hops: int) -> None:
    """This hop's stages of a transform that `n_hops` share."""
    stages = n_stages(work)
    transform(work, points, _share(hop, n_hops, stages), _share(hop + 1, n_hops, stages))


@njit(nogil=True, cache=True, fastmath=True)
def _long_part(room: RoomTables, state: RoomStepState, hop: Array, out: Array) -> None:
    """out (H,) += reverberation of the rest: what is due; and works a share off.

    While long block m is collected, X[m - 1] is the newest spectrum. Partition q begins 2 + q
    blocks into the response, so the sum of X[m - 1 - q] * H[q] sounds in block m + 1: it is
    finished with the last hop of block m. q = 0 comes last: X[m - 1] is not known at once.
    """
    hop_size, n_partitions = len(hop), len(room.long)
    block_size = HOPS_A_BLOCK * hop_size
    block, i = state.n_hops[0] // HOPS_A_BLOCK, state.n_hops[0] % HOPS_A_BLOCK
    newest = (block - 1) % n_partitions
    stages, points = n_stages(state.work), room.long_circle
    if i == 0:
        load_samples(state.collected, points, state.work)
        state.collected[:block_size] = state.collected[block_size:]
        state.total[:] = 0.0
    if i < FORWARD_HOPS:
        _transform_share(state.work, points, i, FORWARD_HOPS)
    if i == FORWARD_HOPS - 1:
        state.long_spectra[newest] = state.work[stages % 2]
    first, last = _share(i, PRODUCT_HOPS, n_partitions), _share(i + 1, PRODUCT_HOPS, n_partitions)
    oldest = min(n_partitions - 1 - first, block - 1)  # nothing was heard before the beginning
    for q in range(oldest, n_partitions - 1 - last, -1):
        _multiply_add(state.long_spectra[(newest - q) % n_partitions], room.long[q], state.total)
    if i == PRODUCT_HOPS:
        load_spectrum(state.total, state.work)
    _transform_share(state.work, points, i - PRODUCT_HOPS, HOPS_A_BLOCK - PRODUCT_HOPS)
    here = i * hop_size
    state.collected[block_size + here : block_size + here + hop_size] = hop
    for j in range(hop_size):
        out[j] += state.due[here + j]
    if i == HOPS_A_BLOCK - 1:
        newest_samples(state.work, points, state.due)


@njit(nogil=True, cache=True, fastmath=True)
def reverberate(room: RoomTables, state: RoomStepState, hop: Array, wet: Array) -> None:
    """One hop: wet (H,) = reverberation of it and all before; the state moves on in place."""
    _short_part(room, state, hop, wet)
    if len(room.long):
        _long_part(room, state, hop, wet)
    state.n_hops[0] += 1


@njit(nogil=True, cache=True, fastmath=True)
def add_room(room: RoomTables, state: RoomStepState, hop: Array, mix: Array, out: Array) -> None:
    """One hop: out (H,) = hop + mix * reverberation; the state moves on in place."""
    wet = np.empty_like(hop)
    reverberate(room, state, hop, wet)
    for j in range(len(hop)):
        out[j] = hop[j] + mix[j] * wet[j]


@njit(nogil=True, cache=True)
def _add_room_to_hops(
    room: RoomTables, state: RoomStepState, hops: Array, mix: Array, out: Array
) -> None:
    for n in range(len(hops)):
        add_room(room, state, hops[n], mix[n], out[n])


class RoomStep:
    """Adds the reverberation of a fixed impulse response, mixed sample by sample.

    Args:
        response: reverberation without the direct sound. Shape: (L,), L >= 1.
        hop_size: samples.

    Shape:
        audio (N, hop_size), mix (N, hop_size) -> (N, hop_size).
    """

    def __init__(self, response: Array, hop_size: int) -> None:
        self.hop_size = hop_size
        self.block_size = HOPS_A_BLOCK * hop_size
        boundary = SHORT_PARTITIONS * hop_size
        self.tables = RoomTables(
            spectra_of_pieces(response[:boundary], hop_size),
            circle(size_for(hop_size)),
            spectra_of_pieces(response[boundary:], self.block_size),
            circle(size_for(self.block_size)),
        )

    def forward(
        self, inputs: tuple[Array, Array], state: RoomStepState | None = None
    ) -> tuple[Array, RoomStepState]:
        """Dry sound plus mix times reverberation. Takes `state` over: see RoomStepState."""
        audio, mix = inputs
        state = self.start() if state is None else state
        out = np.empty_like(audio)
        _add_room_to_hops(self.tables, state, audio, mix, out)
        return out, state

    def start(self) -> RoomStepState:
        """The state before the first hop: silence."""
        n_bins = size_for(self.block_size)
        return RoomStepState(
            n_hops=np.zeros(1, np.int64),
            short_spectra=np.zeros_like(self.tables.short),
            last_hops=np.zeros(2 * self.hop_size, np.float32),
            long_spectra=np.zeros_like(self.tables.long),
            collected=np.zeros(2 * self.block_size, np.float32),
            work=np.zeros((2, 2, n_bins), np.float32),
            total=np.zeros((2, n_bins), np.float32),
            due=np.zeros(self.block_size, np.float32),
        )
