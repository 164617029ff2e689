"""Of the desk: the sound card, the block size, and whether this machine keeps up with it."""

import contextlib
import time
from collections.abc import Iterator, Mapping, Sequence

from nicegui import background_tasks, ui

from ddsp_core.errors import ChanterelleError
from realtime.console.console import Console
from realtime.console.mirror import Mirror
from realtime.console.programs import run_command
from realtime.console.sheets import Word, ask, press
from realtime.console.shell import hear
from realtime.console.verdict import Verdict, devices_of, keeps_up, verdict_of

STYLES = '<link rel="stylesheet" href="/assets/devices.css">'

BLOCK_SIZES = (32, 64, 128, 256, 512, 1024)
EXAMINE_S = 10
FIGURES_EVERY_S = 2.0
WARNING = (
    f"It computes as hard as it can for {EXAMINE_S} seconds, on the same processor that plays:"
    " not during a song."
)
RESTART = "The sound stops for some seconds. If they do not open, it plays on as before."
HEADINGS = ("Block size", "Verdict", "Own computing", "Breaks a minute")
OWN_CHOICE = "the machine's own choice"
FILE = "file:"


def devices_panel(console: Console) -> None:
    """Adds the panel where the page is being built."""
    assert console.mirror is not None
    ui.add_head_html(STYLES)
    _Panel(console.mirror).build()


class _Panel:
    """One browser's."""

    def __init__(self, mirror: Mirror) -> None:
        self._mirror = mirror
        self._devices: Mapping[str, list[str]] = {"input": [], "output": []}
        self._told_s = -FIGURES_EVERY_S

    def build(self) -> None:
        with (
            ui.element("section").classes("devices").props('aria-label="Sound card and block size"')
        ):
            Word("Sound card", tag="h2")
            self._now = ui.label().classes("ch-quiet")
            self._keeps_up = ui.label()
            with ui.element("div").classes("devices-choice"):
                self._input = _select("Microphone")
                self._output = _select("Speaker")
                self._size = _select("Block size, samples")
            with ui.element("div").classes("devices-buttons"):
                self._look = press("Look for devices", self._look_around)
                press("Use these", self._ask_to_apply, "is-chief")
                self._examine = press("Examine this machine", self._ask_to_examine)
            self._summary = ui.label().classes("devices-summary").props('role="status"')
            self._report = ui.element("div").classes("devices-report")
        hear(self._mirror, on_state=self._show_state, on_table=self._show_table)
        self._show_table()
        self._show_state()

    def _flags(self) -> Mapping[str, str]:
        table = self._mirror.table
        return table.about.flags if table else {}

    def _show_table(self) -> None:
        """What plays, and what could."""
        table, flags = self._mirror.table, self._flags()
        self._now.set_text(f"{table.about.card}." if table else "")
        self._offer(self._input, "input", flags.get("input", ""))
        self._offer(self._output, "output", flags.get("output", ""))
        size = int(flags.get("block_size", 128))
        hop_ms = 1e3 / table.about.sample_rate if table else 0.0
        sizes = sorted({*BLOCK_SIZES, size})
        self._size.set_options({n: f"{n} ({n * hop_ms:.1f} ms)" for n in sizes}, value=size)

    def _offer(self, select: ui.select, side: str, chosen: str) -> None:
        names = dict.fromkeys(["", *self._devices[side], self._flags().get(side, ""), chosen])
        select.set_options({name: name or OWN_CHOICE for name in names}, value=chosen)

    def _show_state(self) -> None:
        mirror, now_s = self._mirror, time.monotonic()
        if now_s - self._told_s < FIGURES_EVERY_S:
            return
        self._told_s = now_s
        self._keeps_up.set_text(
            keeps_up(mirror.state, self._flags()) if mirror.is_connected else ""
        )

    async def _look_around(self) -> None:
        with _busy(self._look):
            try:
                self._devices = devices_of(await run_command(["devices"], 15.0))
            except ChanterelleError as error:
                ui.notify(str(error), type="warning")
        self._offer(self._input, "input", self._input.value)
        self._offer(self._output, "output", self._output.value)
        if not any(self._devices.values()):
            ui.notify("No sound card was found.", type="warning")

    def _wanted(self) -> dict[str, str]:
        """Flags that differ from those that play."""
        chosen = {
            "input": self._input.value or "",
            "output": self._output.value or "",
            "block_size": str(self._size.value),
        }
        flags = {"block_size": "128", **self._flags()}
        return {name: value for name, value in chosen.items() if value != flags.get(name, "")}

    def _ask_to_apply(self) -> None:
        wanted = self._wanted()
        if not wanted:
            ui.notify("This is what plays already.")
            return

        async def use() -> None:
            await self._mirror.ask("restart", flags=wanted)

        ask("Use this sound card and block size?", RESTART, "Use these", use)

    def _ask_to_examine(self) -> None:
        async def begin() -> None:
            background_tasks.create(self._examine_machine())

        ask("Examine this machine now?", WARNING, "Examine", begin)

    async def _examine_machine(self) -> None:
        words = ["doctor", "--seconds", str(EXAMINE_S)]
        words += ["--input", f"{FILE}in.wav", "--output", f"{FILE}out.wav"]
        self._summary.set_text(f"Examining, {EXAMINE_S} seconds and a few…")
        with _busy(self._examine):
            try:
                verdict = verdict_of(await run_command(words, 6.0 * EXAMINE_S))
            except ChanterelleError as error:
                self._summary.set_text(str(error))
            else:
                self._show_verdict(verdict)

    def _show_verdict(self, verdict: Verdict) -> None:
        self._summary.set_text(verdict.summary)
        self._report.clear()
        with self._report:
            with ui.element("table").classes("devices-sizes"):
                _add_row(HEADINGS, "th")
                for row in verdict.rows:
                    _add_row((f"{row.size}", row.state, row.share, row.breaks), "td")
            for advice in verdict.advice:
                Word(advice, "ch-quiet", "p")


def _add_row(texts: Sequence[str], tag: str) -> None:
    with ui.element("tr"):
        for text in texts:
            Word(text, tag=tag)


@contextlib.contextmanager
def _busy(button: ui.element) -> Iterator[None]:
    """It cannot be pressed meanwhile."""
    button.props("disabled")
    try:
        yield
    finally:
        button.props(remove="disabled")


def _select(label: str) -> ui.select:
    return ui.select([], label=label).props("outlined dense dark options-dark")
