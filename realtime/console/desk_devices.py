"""Of the desk: the sound card, the block size, and whether this machine keeps up with it."""

from collections.abc import Mapping
from typing import Any

from nicegui import ui

from ddsp_core.errors import ChanterelleError
from realtime.console.console import Console
from realtime.console.mirror import Mirror
from realtime.console.programs import run_command
from realtime.console.shell import hear
from realtime.console.verdict import Verdict, devices_of, keeps_up, verdict_of

BLOCK_SIZES = (32, 64, 128, 256, 512, 1024)
EXAMINE_S = 10
WARNING = (
    f"It computes as hard as it can for {EXAMINE_S} seconds, on the same processor that plays:"
    " not during a song."
)
OWN_CHOICE = "the machine's own choice"
FILE = "file:"


def devices_panel(console: Console) -> None:
    """Adds the panel where the page is being built."""
    assert console.mirror is not None
    _Panel(console.mirror).build()


class _Panel:
    """One browser's."""

    def __init__(self, mirror: Mirror) -> None:
        self._mirror = mirror
        self._devices: Mapping[str, list[str]] = {"input": [], "output": []}
        self._verdict: Verdict | None = None

    def build(self) -> None:
        with (
            ui.element("section")
            .classes("ch-panel ch-devices")
            .props('aria-label="Sound card and block size"')
        ):
            ui.html("<h2>Sound card</h2>", sanitize=False)
            self._now = ui.label().classes("ch-quiet")
            self._keeps_up = ui.label().props('role="status"')
            with ui.element("div").classes("ch-devices-choice"):
                self._input = _select("Microphone")
                self._output = _select("Speaker")
                self._size = _select("Block size, samples")
            with ui.element("div").classes("ch-devices-buttons"):
                self._look = ui.button("Look for devices", on_click=self._look_around)
                self._apply = ui.button("Use them", on_click=self._ask_to_apply)
                self._examine = ui.button("Examine this machine", on_click=self._ask_to_examine)
            self._report = ui.element("div").classes("ch-devices-report").props('role="status"')
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
        for select, side in ((self._input, "input"), (self._output, "output")):
            now = flags.get(side, "")
            names = dict.fromkeys(["", *self._devices[side], now])
            select.set_options({name: name or OWN_CHOICE for name in names}, value=now)
        size = int(flags.get("block_size", 128))
        hop_ms = 1e3 / table.about.sample_rate if table else 0.0
        sizes = sorted({*BLOCK_SIZES, size})
        self._size.set_options({n: f"{n} ({n * hop_ms:.1f} ms)" for n in sizes}, value=size)

    def _show_state(self) -> None:
        mirror = self._mirror
        text = keeps_up(mirror.state, self._flags()) if mirror.is_connected else ""
        if self._keeps_up.text != text:
            self._keeps_up.set_text(text)

    async def _look_around(self) -> None:
        self._look.disable()
        try:
            self._devices = devices_of(await run_command(["devices"], 15.0))
        except ChanterelleError as error:
            ui.notify(str(error), type="warning")
        finally:
            self._look.enable()
        self._show_table()
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

    async def _ask_to_apply(self) -> None:
        wanted = self._wanted()
        if not wanted:
            ui.notify("This is what plays already.")
            return
        warning = "The sound stops for about a second. If they do not open, it plays on as before."
        if not await confirm("Use this sound card and block size?", warning, "Use them"):
            return
        try:
            await self._mirror.ask("restart", flags=wanted)
        except ChanterelleError as error:
            ui.notify(str(error), type="warning")

    async def _ask_to_examine(self) -> None:
        if not await confirm("Examine this machine now?", WARNING, "Examine"):
            return
        self._examine.disable()
        files = ["--input", f"{FILE}in.wav", "--output", f"{FILE}out.wav"]
        try:
            words = ["doctor", "--seconds", str(EXAMINE_S), *files]
            self._verdict = verdict_of(await run_command(words, 6.0 * EXAMINE_S))
        except ChanterelleError as error:
            ui.notify(str(error), type="warning")
        finally:
            self._examine.enable()
        self._show_verdict()

    def _show_verdict(self) -> None:
        self._report.clear()
        if self._verdict is None:
            return
        with self._report:
            ui.label(self._verdict.summary).classes("ch-devices-summary")
            columns = [
                {"name": name, "label": label, "field": name, "align": align}
                for name, label, align in (
                    ("size", "Block size", "right"),
                    ("state", "Verdict", "left"),
                    ("share", "Own computing", "right"),
                    ("breaks", "Breaks a minute", "right"),
                )
            ]
            rows: list[dict[str, Any]] = [row._asdict() for row in self._verdict.rows]
            ui.table(columns=columns, rows=rows, row_key="size").props("flat dense hide-bottom")
            for advice in self._verdict.advice:
                ui.label(advice).classes("ch-quiet")


def _select(label: str) -> ui.select:
    return ui.select([], label=label).props("outlined dense dark options-dark")


async def confirm(question: str, consequence: str, yes: str) -> bool:
    """Asks before something is heard."""
    with ui.dialog() as dialog, ui.card().classes("ch-panel"):
        ui.html(f"<h2>{question}</h2>", sanitize=False)
        ui.label(consequence)
        with ui.element("div").classes("ch-devices-buttons"):
            ui.button("Cancel", on_click=lambda: dialog.submit(False)).props("flat")
            ui.button(yes, on_click=lambda: dialog.submit(True))
    answer = await dialog
    dialog.delete()
    return bool(answer)
