"""Profiles of singers on the desk: kept, used, played with, forgotten."""

import asyncio
from collections.abc import Callable

from nicegui import ui

from ddsp_core.errors import ChanterelleError
from realtime.console.mirror import Mirror
from realtime.console.programs import run_command
from realtime.console.sheets import Word, ask, press
from realtime.singer import Singer, check_singer_name, forget_singer, list_singers, save_singer

JOB = "realtime.console.desk_soundcheck_job"
WITH_MAP = (
    "Every preset begins with the gain, gate and octave of {name} then, and plays as softly and"
    " loudly as its instrument does, from what is soft and loud for {name}."
    " The sound stops for some seconds."
)
WITHOUT = "Presets begin as their files say then. The sound stops for some seconds."
GONE = "What it says is gone; a sound check makes another one."


class Singers:
    """One page's list.

    Args:
        mirror: of the performance.
        root: of the panel; the list is built in it.
    """

    check_name = staticmethod(check_singer_name)

    def __init__(self, mirror: Mirror, root: ui.element) -> None:
        self._mirror, self._root = mirror, root
        self._list = ui.element("div").classes("soundcheck-singers")

    def show(self) -> None:
        """Those that there are."""
        names, playing = list_singers(), self._playing
        self._list.clear()
        with self._list:
            Word("Profiles", tag="h2")
            if not names:
                Word("None yet: the first sound check makes one.", "ch-quiet", "p")
            with ui.element("ul").classes("presets-list"):
                for name in names:
                    self._add(name, is_playing=name == playing)

    def _add(self, name: str, *, is_playing: bool) -> None:
        with ui.element("li").classes("soundcheck-singer"):
            with ui.element("span").classes("presets-words"):
                Word(name, "soundcheck-name")
                if is_playing:
                    Word("plays in every preset", "presets-plays")
            press("Use", lambda: self._use(name), label=f"Use {name}")
            if is_playing:
                press("Play without…", self._ask_to_stop)
            else:
                press("Play with map…", self._asking(name), label=f"Play with the map of {name}")
            press("Forget…", lambda: self._ask_to_forget(name), "is-bad", f"Forget {name}")

    @property
    def _playing(self) -> str:
        table = self._mirror.table
        return table.about.flags.get("singer", "") if table else ""

    async def keep(self, name: str, singer: Singer, octave_shift: int) -> bool:
        """Writes the profile and turns its controls; whether it could be written."""
        try:
            await asyncio.to_thread(save_singer, name, singer)
        except ChanterelleError as error:
            self._tell(str(error))
            return False
        self._turn(singer, octave_shift)
        self.show()
        return True

    def offer(self, name: str) -> None:
        """A way to more, where the page is being built."""
        Word("Other presets, and how loud is loud, follow with the map.", "ch-quiet", "p")
        with ui.element("div").classes("presets-buttons"):
            press("Play with the loudness map…", self._asking(name))

    def _turn(self, singer: Singer, octave_shift: int) -> None:
        self._mirror.turn("input_gain_db", singer.input_gain_db)
        self._mirror.turn("gate_db", singer.gate_db)
        self._mirror.turn("octave_shift", float(octave_shift))

    async def _use(self, name: str) -> None:
        preset = self._mirror.preset
        if preset is None:
            return
        try:
            found = await run_command(["singer", name, preset.voice_dirs[0]], module=JOB)
        except ChanterelleError as error:
            self._tell(str(error))
            return
        self._turn(Singer.model_validate(found["singer"]), int(found["octave_shift"]))
        self._tell(f"{name}: {found['lines'][-1]}, octave {found['octave_shift']:+d}", "positive")

    def _asking(self, name: str) -> Callable[[], None]:
        async def act() -> None:
            await self._mirror.ask("restart", flags={"singer": name})

        def press_it() -> None:
            ask(f"Play with the map of {name}?", WITH_MAP.format(name=name), "Play with it", act)

        return press_it

    def _ask_to_stop(self) -> None:
        async def act() -> None:
            await self._mirror.ask("restart", flags={"singer": ""})

        ask(f"Play without the map of {self._playing}?", WITHOUT, "Play without", act)

    def _ask_to_forget(self, name: str) -> None:
        async def act() -> Callable[[], None]:
            await asyncio.to_thread(forget_singer, name)
            return self.show

        ask(f"Forget {name}?", GONE, "Forget", act, is_grave=True)

    def _tell(self, text: str, kind: str = "warning") -> None:
        with self._root:
            ui.notify(text, type=kind)  # type: ignore[arg-type]
