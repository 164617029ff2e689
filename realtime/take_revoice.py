"""A take's dry sound through a host of today, into a file."""

import argparse
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ddsp_core.errors import AudioError
from realtime.effects.pace import OFFLINE, paced
from realtime.hearing import Ears
from realtime.host import Host
from realtime.patience import preparing
from realtime.preset import Preset, load_preset
from realtime.slot import load_slots
from realtime.take_heard import RecordedNotes, ears_of
from realtime.take_play import check_output, joined, write_blocks
from realtime.take_presets import recorded_presets
from realtime.take_reader import Take
from realtime.take_render import Player, revoice


class Revoiced(NamedTuple):
    """What came out."""

    out: Path
    duration_s: float
    sample_rate: int
    latency_samples: int
    """Of the take that was lined up with."""
    realtime_factor: float


def revoice_into(
    take: Take,
    preset_name: str | None,
    controls: Mapping[str, float],
    args: argparse.Namespace,
    tell: Callable[[float], None] | None = None,
) -> Revoiced:
    """Renders a take.

    Args:
        take: what was recorded.
        preset_name: of another preset; None: the take's own.
        controls: that stay as given.
        args: with out, bits, line_up, as_played.
        tell: is told now and then how much of it is done, from 0 to 1.

    Raises:
        AudioError: nothing was recorded with a known preset, or OUT cannot be written.
        PresetError: a preset or voice that is not here.
    """
    presets = [load_preset(preset_name)] if preset_name else recorded_presets(take)
    if not presets:
        given = "says nothing of its preset"
        raise AudioError(str(take.folder), given, "a preset of your choice: --preset NAME")
    out = check_output(args.out or _usual_out(take, preset_name))
    if out.parent.resolve() == take.folder.resolve() and out.stem.split("-")[0] in {"wet", "dry"}:
        raise AudioError(str(out), "is a file of the take itself", "another name")
    begun_s = time.perf_counter()
    ears = ears_of(take)
    host = _host(presets, take, ears, is_same_set=preset_name is None)
    notes = ears.keyboard if isinstance(ears.keyboard, RecordedNotes) else None
    try:
        player = Player(host, controls, is_same_set=preset_name is None, notes=notes)
        parts = revoice(take, player, as_played=args.as_played, line_up=args.line_up)
        blocks = joined(parts, take.sample_rate)
        if tell is not None:
            blocks = _told(blocks, take.n_samples, tell)
        bits = args.bits or take.layout.bits
        write_blocks(blocks, take.sample_rate, out, host.n_outputs, bits)
    finally:
        host.close()
    seconds = time.perf_counter() - begun_s
    return Revoiced(
        out, take.duration_s, take.sample_rate, take.latency_samples, take.duration_s / seconds
    )


def _host(presets: Sequence[Preset], take: Take, ears: Ears, *, is_same_set: bool) -> Host:
    with preparing(), paced(OFFLINE):
        slots = load_slots(presets, ears=ears)
    number = take.start.preset if is_same_set else 0
    if number >= len(slots):
        given = f"begins with preset {number + 1} of {len(slots)}"
        raise AudioError(str(take.folder), given, "an undamaged take, or --preset NAME")
    return Host(slots, number)


def _told(
    blocks: Iterable[NDArray[np.float32]], n_samples: int, tell: Callable[[float], None]
) -> Iterator[NDArray[np.float32]]:
    n_done = 0
    for block in blocks:
        yield block
        n_done += len(block)
        tell(n_done / n_samples)


def _usual_out(take: Take, preset_name: str | None) -> Path:
    name = Path(preset_name).stem if preset_name else "again"
    return take.folder / f"render-{name}{take.layout.suffix}"
