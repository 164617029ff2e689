"""The renderings of a recording: to be chosen, saved, done again in a terminal, and removed."""

from collections.abc import Awaitable, Callable

from nicegui import ui

from realtime.console.sheets import press
from realtime.console.studio_view import address
from realtime.console.studio_work import Result, Source
from realtime.console.transfer_job import FLAC, RESULT

Choose = Callable[[str], None]
Remove = Callable[[str], Awaitable[None]]


def show_results(source: Source, choose: Choose, remove: Remove) -> None:
    """A row for each, the newest first, and how the chosen one is made in a terminal.

    Args:
        source: what was sung.
        choose: called with the key of the one that shall be heard.
        remove: called with the key of the one that shall go.
    """
    if not source.results:
        return
    ui.html("Renderings", sanitize=False, tag="h2")
    with ui.element("ul").classes("st-results"):
        for result in reversed(source.results):
            with ui.element("li").classes("st-result"):
                _add_row(result, result is source.chosen, choose, remove)
    if source.chosen is not None:
        _add_command(source.chosen)


def _add_row(result: Result, is_chosen: bool, choose: Choose, remove: Remove) -> None:
    with ui.element("button").classes("st-pick") as pick:
        pick.props(f"type=button aria-pressed={'true' if is_chosen else 'false'}")
        pick.on("click", lambda: choose(result.key))
        dot = ui.element("span").classes("st-dot").props("aria-hidden=true")
        if result.colour:
            dot.style(f"background: {result.colour}")
        ui.label(f"{result.number} · {result.title}").classes("st-name")
        ui.label(result.wishes.summary).classes("st-summary")
        ui.label(_facts(result)).classes("st-facts")
    for file, words in ((RESULT, "WAV"), (FLAC, "FLAC")):
        link = ui.link(words, address(result.key, file)).classes("ch-button st-action")
        link.props["download"] = result.names[file]
        link.props["aria-label"] = f"Save rendering {result.number} as {words}"
    gone = press("Remove", lambda: remove(result.key)).classes("st-action")
    gone.props["aria-label"] = f"Remove rendering {result.number}"


def _add_command(result: Result) -> None:
    with ui.element("div").classes("st-terminal"):
        ui.label("The same in a terminal").classes("ch-quiet")
        code = ui.element("code").classes("st-command").props("tabindex=0")
        code._text = result.command
        press("Copy", lambda: _copy(result.command)).classes("st-action")


def _facts(result: Result) -> str:
    facts = result.facts
    octave = facts["octave_shift"]
    parts = [f"octave {octave:+d}"] if octave else []
    parts.append(f"peak {facts['peak_db']:.1f} dBFS")
    parts.append("stereo" if facts["n_channels"] == 2 else "mono")
    return ", ".join(parts).replace("-", "−")


def _copy(command: str) -> None:
    ui.clipboard.write(command)
    ui.notify("The command line is in the clipboard.")
