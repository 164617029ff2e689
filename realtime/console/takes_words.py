"""A take of the shelf in words, for its page."""

from realtime.console.takes_room import FILES
from realtime.console.takes_shelf import Row
from realtime.console.takes_sounds import sounds_of
from realtime.take_reader import Take


def can_be_heard(row: Row) -> bool:
    """Whether it has ended, and is whole."""
    return not row.is_running and not row.problem


def why_not(row: Row | None) -> str:
    """It cannot be heard; empty where there is none."""
    if row is None:
        return ""
    if row.is_running:
        return "This take is being recorded. It can be heard once it has ended."
    return row.problem or "This take cannot be opened."


def words_of_row(row: Row) -> str:
    """The take among others."""
    return f"{row.title}, {row.day}" if row.title else row.day


def facts(row: Row, take: Take) -> str:
    """What stands below its title."""
    layout = f"{take.layout.file.upper()} {take.layout.bits} bit, {take.sample_rate / 1000:g} kHz"
    parts = [row.day if row.title else "", row.presets, layout, row.how]
    return " · ".join(part for part in parts if part)


def files_of(take: Take) -> list[dict[str, str]]:
    """What can be downloaded: title, name and url of each."""
    base = f"{FILES}/{take.folder.name}"
    return [
        {"title": sound.title, "name": path.name, "url": f"{base}/{path.name}"}
        for sound in sounds_of(take)
        for path in sound.paths
    ]
