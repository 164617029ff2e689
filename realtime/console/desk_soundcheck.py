"""Of the desk: the sound check in steps, and the profiles that came of it."""

import asyncio
import contextlib
import re
import time
from collections.abc import Mapping
from typing import Any

from nicegui import background_tasks, ui

from ddsp_core.errors import ChanterelleError
from realtime.cards import NOTES
from realtime.cli_soundcheck import ASK
from realtime.console.console import Console
from realtime.console.desk_soundcheck_singers import Singers
from realtime.console.desk_soundcheck_take import CheckTake
from realtime.console.mirror import Mirror
from realtime.console.programs import run_command
from realtime.console.sheets import Word, field, press
from realtime.console.shell import hear
from realtime.singer import Singer

STYLES = """
<link rel="stylesheet" href="/assets/presets.css">
<link rel="stylesheet" href="/assets/soundcheck.css">
"""
JOB = "realtime.console.desk_soundcheck_job"
SECONDS, ENOUGH_S = 12.0, 6.0
"""To listen; whoever has sung enough may end it earlier."""

PAUSE_S = 1.5
LOOK_EVERY_S = 0.1
PAUSE, SING = "Pause, so that I hear the room.", "Now sing: softly and loudly, low and high."
REMOVED = "the sound check is over, and its recording removed"
KEYBOARD = "A keyboard plays, so there is nobody to listen to."


def soundcheck_panel(console: Console, seconds: float = SECONDS) -> None:
    """Adds the sound check where the page is being built.

    Args:
        console: of a performance.
        seconds: to listen.
    """
    assert console.mirror is not None
    ui.add_head_html(STYLES)
    _Panel(console.mirror, seconds)


class Level(ui.element, component="static/soundcheck_level.js"):
    """How loud the microphone is."""


class _Panel:
    """One browser's."""

    def __init__(self, mirror: Mirror, seconds: float) -> None:
        self._mirror, self._seconds = mirror, seconds
        self._task: asyncio.Task[Any] | None = None
        self._is_enough = self._is_told = False
        self._name = "me"
        with ui.element("section").classes("soundcheck").props('aria-label="Sound check"') as root:
            self._root = root
            self._card = ui.element("div").classes("soundcheck-card ch-panel")
            self._singers = Singers(mirror, root)
        ui.context.client.on_delete(self._cancel)
        hear(mirror, on_table=self._ask_again)
        self._ask_again()

    # Step 1: who sings

    def _ask_again(self) -> None:
        """The engine may play otherwise now."""
        if not self._root.is_deleted:
            self._singers.show()
            if self._task is None and not self._is_told:
                self._ask()

    def _ask(self, error: str = "") -> None:
        self._is_told = False
        self._card.clear()
        with self._card:
            Word("Who sings?", tag="h2")
            if error:
                Word(error, "sheet-error", "p").props('role="alert"')
            if self._flag("input") == NOTES:
                Word(KEYBOARD, tag="p")
                return
            Word(f"{ASK} It takes {self._seconds:g} seconds, and the music goes on.", tag="p")
            with ui.element("form").classes("soundcheck-who") as form:
                form.on("submit.prevent", self._begin, [])
                name = field("Name", self._name)
                name.on_value_change(lambda event: setattr(self, "_name", event.value))
                with ui.element("button").props('type="submit"').classes("ch-button is-chief"):
                    Word("Begin")

    def _flag(self, name: str) -> str:
        table = self._mirror.table
        return table.about.flags.get(name, "") if table else ""

    def _begin(self) -> None:
        if self._task is None:
            self._task = background_tasks.create(self._check(), name="sound check")

    def _cancel(self) -> None:
        if self._task is not None:
            self._task.cancel()

    # Step 2: listening

    async def _check(self) -> None:
        """Records, listens, and tells."""
        take = CheckTake(self._mirror)
        error = ""
        try:
            self._singers.check_name(self._name)
            await take.begin()
            try:
                await self._listen(take)
            finally:
                await take.end()
            found = await self._find(take)
        except ChanterelleError as told:
            error = str(told)
        except asyncio.CancelledError:
            pass
        else:
            self._tell(found)
            return
        finally:
            self._task = None
            await self._forget(take)
        if not self._root.is_deleted:
            self._ask(error)

    async def _forget(self, take: CheckTake) -> None:
        """The engine has told where it lies; now it tells that it is gone."""
        if await take.remove():
            with contextlib.suppress(ChanterelleError):
                await self._mirror.ask("say", text=REMOVED)

    async def _listen(self, take: CheckTake) -> None:
        """Until it is over or enough. Raises StreamError if another hand ends the take."""
        self._is_enough = False
        asked, left, enough = self._show_listening()
        begun_s = time.monotonic()
        while (heard_s := time.monotonic() - begun_s) < self._seconds and not self._is_enough:
            take.check()
            asked.set_text(PAUSE if heard_s < PAUSE_S else SING)
            left.set_text(f"{self._seconds - heard_s:.0f} s")
            if heard_s >= ENOUGH_S:
                enough.props(remove="disabled")
            await asyncio.sleep(LOOK_EVERY_S)

    def _show_listening(self) -> tuple[Word, Word, ui.element]:
        self._card.clear()
        with self._card:
            Word(f"Listening to {self._name}", tag="h2")
            with ui.element("div").classes("soundcheck-asked"):
                asked = Word(PAUSE, tag="p").props('role="status"')
                left = Word(f"{self._seconds:.0f} s", "soundcheck-left")
            Level()
            with ui.element("div").classes("presets-buttons"):
                enough = press("That is enough", self._end_early).props("disabled")
                press("Cancel", self._cancel)
        return asked, left, enough

    def _end_early(self) -> None:
        self._is_enough = True

    async def _find(self, take: CheckTake) -> Mapping[str, Any]:
        """What is heard in it. Raises AudioError if that is too little."""
        self._card.clear()
        with self._card:
            Word("One moment", tag="h2")
            Word("I listen to it again.", tag="p").props('role="status"')
        words = ["soundcheck", str(take.folder), self._voice_dir]
        return await run_command(words, module=JOB)

    @property
    def _voice_dir(self) -> str:
        preset = self._mirror.preset
        return preset.voice_dirs[0] if preset else ""

    # Step 3: what was heard

    def _tell(self, found: Mapping[str, Any]) -> None:
        self._is_told = True
        self._card.clear()
        title = self._mirror.preset.title if self._mirror.preset else ""
        with self._card:
            Word(f"{self._name} was heard", tag="h2").props('role="status"')
            with ui.element("ul").classes("soundcheck-found"):
                for line in [*found["lines"], f"{title}: octave {found['octave_shift']:+d}"]:
                    Word(with_minus(line), tag="li")
            for line in found["advice"]:
                Word(as_sentence(line), "soundcheck-advice", "p")
            with ui.element("div").classes("presets-buttons"):
                press("Keep and use it", lambda: self._keep(found), "is-chief")
                press("Check again", self._ask)

    async def _keep(self, found: Mapping[str, Any]) -> None:
        singer = Singer.model_validate(found["singer"])
        if await self._singers.keep(self._name, singer, int(found["octave_shift"])):
            self._is_told = False  # with the map the engine comes back, and this is over
            self._card.clear()
            with self._card:
                Word(f"{self._name} is kept", tag="h2").props('role="status"')
                Word("Gain, gate and octave of this preset are turned.", tag="p")
                self._singers.offer(self._name)
                with ui.element("div").classes("presets-buttons"):
                    press("Check again", self._ask)


def as_sentence(text: str) -> str:
    """With a capital letter and a full stop; names and units inside stay as they are.

    >>> as_sentence("the gate is at -56 dB")
    'The gate is at -56 dB.'
    """
    return f"{text[:1].upper()}{text[1:]}."


def with_minus(text: str) -> str:
    """Numbers as they are printed.

    >>> with_minus("gate at -56 dB, G-clef")
    'gate at −56 dB, G-clef'
    """
    return re.sub(r"-(?=\d)", "−", text)
