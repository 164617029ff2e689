"""Playing on with other flags: presets, devices, block size and singer, changed from the console.

The process that plays leaves, and its successor goes on where it stood (`supervisor.py`), with what
was asked for. Should that not play, it goes back to what did, and says why.
"""

import argparse
import os
import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ddsp_core.errors import ChanterelleError, PresetError, StreamError, did_you_mean
from realtime.cli_numbers import whole_between
from realtime.standing import Standing, StandingFile
from realtime.supervisor import AGAIN, supervised

if TYPE_CHECKING:
    from realtime.performance import Performance

BLOCK_SIZES = (16, 4096)
Play = Callable[[argparse.Namespace, threading.Event, StandingFile | None, Standing | None], int]

AS_BEFORE = "playing on as before"
"""Begins what is said when what was asked for did not play."""

CHANGEABLE = ("preset", "input", "output", "block_size", "singer")
"""Flags of `chanterelle play` that a console may change; `set_list` it is shown."""


def flags_of(args: argparse.Namespace) -> dict[str, str]:
    """Those that were given, as on the command line."""
    given = {name: getattr(args, name) for name in (*CHANGEABLE, "set_list")}
    return {name: str(value) for name, value in given.items() if value is not None}


def with_flags(args: argparse.Namespace, flags: Mapping[str, str]) -> argparse.Namespace:
    """The same command line with these in place of its own."""
    changed = {name: flags.get(name) for name in CHANGEABLE}
    size = int(flags.get("block_size", args.block_size))
    return argparse.Namespace(**{**vars(args), **changed, "block_size": size})


def taken_up(args: argparse.Namespace, play: Play) -> int:
    """Plays, from where the last process stood if there was one; returns the exit code.

    Args:
        args: of the command line.
        play: is given the flags that hold now, an event that ends it, the supervisor's file, and
            what stood in it.
    """
    end, standing = threading.Event(), None
    parent = supervised()
    if parent is not None:  # without it nobody would end this process
        parent.watch(end)
        standing = StandingFile(parent.standing_file)
    before = standing.read() if standing else None
    if standing is None or before is None:
        return play(args, end, standing, before)
    is_trial = before.flags != before.proven
    if is_trial:  # should this process crash, the next one plays as before
        standing.write(_as_before(before, "the instrument crashed"))
    try:
        return play(with_flags(args, before.flags), end, standing, before)
    except ChanterelleError as error:
        if not is_trial:
            raise
        standing.write(_as_before(before, str(error)))
        os._exit(AGAIN)


def _as_before(standing: Standing, why: str) -> Standing:
    return replace(standing, flags=standing.proven, said=f"{AS_BEFORE}: {why}")


class Restart:
    """Answers the console's request "restart": {"flags": {NAME: TEXT}, "play": PRESET or absent}.

    Args:
        performance: that plays.
    """

    def __init__(self, performance: "Performance") -> None:
        self._performance = performance

    def __call__(self, asked: Mapping[str, Any]) -> Mapping[str, Any]:
        """Begins it. Raises a ChanterelleError if it cannot be, before anything stops."""
        performance = self._performance
        if supervised() is None or performance.keeper is None:
            todo = "end it, and start it anew with other flags"
            raise StreamError("restart", "nobody would start the instrument again", "", todo)
        if performance.tape.is_recording:
            raise StreamError("restart", "a take is being recorded", "", "end the take first")
        flags = _checked(dict(performance.wishes.flags), asked.get("flags"))
        standing = performance.keeper.now()
        wanted = str(asked.get("play") or "")
        if wanted or flags.get("preset") != performance.wishes.flags.get("preset"):
            standing = _moved(standing, flags, wanted, _playing(performance))
        performance.leave(replace(standing, flags=flags))
        return {}


def _checked(flags: dict[str, str], changes: object) -> dict[str, str]:
    if not isinstance(changes, dict):
        raise StreamError("restart", "no flags", f"some of {', '.join(CHANGEABLE)}", "")
    for name, value in changes.items():
        if name not in CHANGEABLE or not isinstance(value, str):
            raise StreamError("restart", f"{name}: {value!r}", did_you_mean(name, CHANGEABLE), "")
        flags[name] = value
        if not value:
            del flags[name]
    try:
        whole_between(*BLOCK_SIZES)(flags.get("block_size", "128"))
    except argparse.ArgumentTypeError as error:
        raise StreamError("block size", str(error), "", "") from None
    if flags.get("singer"):
        from realtime.singer import load_singer

        load_singer(flags["singer"])
    return flags


def _playing(performance: "Performance") -> str:
    return performance.host.presets[performance.host.number].name


def _moved(standing: Standing, flags: Mapping[str, str], wanted: str, playing: str) -> Standing:
    """In another set of presets: at the one that is wanted, else at the one that plays."""
    from realtime.set_list import set_of

    if "set_list" in flags:
        todo = "write the preset into the set list's file"
        raise PresetError("restart", "a set list plays", "the presets that stand in it", todo)
    names = [preset.name for preset in set_of(flags.get("preset", "violin")).presets]
    name = wanted or playing
    if wanted and wanted not in names:
        raise PresetError("restart", f"no {wanted!r} in this set", did_you_mean(wanted, names), "")
    place = names.index(name) if name in names else 0
    if name == playing and name in names:
        return replace(standing, song=0, place=place)
    return Standing(place=place, is_bypassed=standing.is_bypassed, proven=standing.proven)
