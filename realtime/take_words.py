"""A take in words, and in plain values."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from realtime.take_list import Listed, how_it_ended
from realtime.take_reader import Take


def line(take: Take) -> str:
    """A take in one line."""
    layout = f"{take.layout.file.upper()} {take.layout.bits} bit"
    parts = [
        clock(take.duration_s),
        take.title or take.preset_name or "no preset",
        f"{layout}, {'stereo' if take.n_wet == 2 else 'mono'}",
        how_it_ended(take),
    ]
    return "  ".join(part for part in parts if part)


def show_lines(take: Take, events: Sequence[Mapping[str, Any]]) -> list[str]:
    """All that a person may want to know of it."""
    names = ", ".join(str(preset["name"]) for preset in take.presets) or "not known"
    voices = {
        f"{voice.get('name')} ({voice.get('sha256', '')[:12]})"
        for preset in take.presets
        for voice in preset["voices"]
    }
    kinds = Counter(str(event.get("kind")) for event in events)
    lines = [
        f"take       {take.folder}",
        f"title      {take.title}" if take.title else "",
        f"started    {take.started}",
        f"length     {clock(take.duration_s)}, {take.n_samples} samples at {take.sample_rate} Hz",
        f"before     {take.preroll_s:g} s of it were played before it was begun"
        if take.preroll_s
        else "",
        f"latency    wet is {take.latency_samples} samples behind dry",
        f"presets    {names}; begins with {take.preset_name or 'none'}",
        f"voices     {', '.join(sorted(voices))}" if voices else "",
        f"version    {take.about.get('chanterelle', '')}",
        "events     " + (", ".join(f"{n} {kind}" for kind, n in kinds.items()) or "none"),
        how_it_ended(take),
    ]
    return [text for text in lines if text]


def as_json(one: Listed) -> dict[str, Any]:
    """In plain values; a folder that holds no whole take has a problem instead."""
    take = one.take
    if take is None:
        return {"folder": str(one.folder), "problem": one.problem}
    return {
        "folder": str(one.folder),
        "title": take.title,
        "started": take.started,
        "duration_s": take.duration_s,
        "n_samples": take.n_samples,
        "sample_rate": take.sample_rate,
        "block_size": take.block_size,
        "latency_samples": take.latency_samples,
        "preroll_s": take.preroll_s,
        "file": take.layout.file,
        "bits": take.layout.bits,
        "wet_channels": take.n_wet,
        "preset": take.preset_name,
        "presets": [preset["name"] for preset in take.presets],
        "how": take.how,
    }


def clock(seconds: float) -> str:
    """Minutes and seconds, with hours where there are some.

    >>> clock(61.26), clock(3661.0)
    ('1:01.3', '1:01:01.0')
    """
    tenths = round(10 * seconds)
    minutes, rest = divmod(tenths, 600)
    hours, minutes = divmod(minutes, 60)
    front = f"{hours}:{minutes:02}" if hours else f"{minutes}"
    return f"{front}:{rest / 10:04.1f}"
