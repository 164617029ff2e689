"""On the laptop's own page: the code that lets a phone in, and who is in."""

import asyncio
import io

import segno
from nicegui import ui

from ddsp_core.errors import ChanterelleError
from realtime.console.addresses import is_loopback, lan_links, what_is_open
from realtime.console.console import Console
from realtime.console.sessions import Session

LOOK_EVERY_S = 1.0
OPENED = (
    "Whoever types this code can play, record, change presets and hear takes, until it is "
    "forgotten here or the console ends. Nothing is encrypted: use a network of your own."
)


def pair_button(console: Console) -> None:
    """A button for the header, with its dialog; nothing unless `--lan` and on this machine.

    Args:
        console: whose address others are to open.
    """
    if console.address.is_lan and is_loopback(ui.context.client.ip or ""):
        ui.add_head_html('<link rel="stylesheet" href="/assets/pair.css">')
        dialog = _Dialog(console)
        button = ui.element("button").classes("ch-pair-button").props('aria-haspopup="dialog"')
        button.on("click", dialog.open)
        with button:
            ui.html("Pair", sanitize=False, tag="span")


def tell_terminal(console: Console) -> None:
    """From now on the terminal tells what is open, and the code when a device asks for it."""
    address, mirror = console.address, console.mirror
    telling: set[asyncio.Task[None]] = set()

    async def say(text: str) -> None:
        if mirror is None:
            print(text, flush=True)
            return
        for line in text.splitlines():
            try:
                await mirror.ask("say", text=line)
            except ChanterelleError:  # it is away: the page shows the code, too
                return

    def tell(text: str) -> None:
        task = asyncio.get_running_loop().create_task(say(text))
        telling.add(task)
        task.add_done_callback(telling.discard)

    def asked(ip: str) -> None:
        tell(f"console: {ip} wants to pair: the code is {spaced(address.pairing.code)}")

    def opened() -> None:
        stop()
        tell(what_is_open(address.port))

    if address.is_lan:
        address.pairing.on_asked(asked)
        if mirror is None:
            print(what_is_open(address.port), flush=True)
        else:
            stop = mirror.listen(on_table=opened)


def spaced(code: str) -> str:
    """In two halves, as people read it out.

    >>> spaced("123456")
    '123 456'
    """
    return f"{code[:3]} {code[3:]}"


def picture(text: str) -> str:
    """What a phone's camera reads, as SVG."""
    file = io.BytesIO()
    code = segno.make(text, error="m", micro=False)
    code.save(file, kind="svg", xmldecl=False, svgns=True, border=3, light="#fff", omitsize=True)
    return file.getvalue().decode()


class _Dialog:
    """What the button opens; while it is open it looks once a second for a new code."""

    def __init__(self, console: Console) -> None:
        self._address = console.address
        self._shown = ""
        self._dialog = ui.dialog().props('aria-labelledby="ch-pair-title"')
        with self._dialog, ui.element("div").classes("ch-pair"):
            ui.html("Pair a phone", sanitize=False, tag="h2").props('id="ch-pair-title"')
            self._body = ui.element("div").classes("ch-pair-body")
            self._left = ui.label().classes("ch-quiet")
            self._devices = ui.element("div").classes("ch-pair-devices")
            ui.label(OPENED).classes("ch-quiet ch-pair-opened")
            close = ui.element("button").classes("ch-button").on("click", self._dialog.close)
            with close:
                ui.html("Close", sanitize=False, tag="span")
        self._timer = ui.timer(LOOK_EVERY_S, self._look, active=False)
        self._dialog.on_value_change(lambda event: self._set_open(is_open=event.value))
        ui.context.client.on_delete(self._address.sessions.listen(self._list_devices))

    def open(self) -> None:
        """Shows it."""
        self._look()
        self._list_devices()
        self._dialog.open()

    def _set_open(self, *, is_open: bool) -> None:
        self._timer.active = is_open

    def _look(self) -> None:
        code = self._address.pairing.code
        seconds = round(self._address.pairing.lasts_s)
        self._left.set_text(f"Another code comes in {seconds // 60}:{seconds % 60:02}.")
        if code != self._shown:
            self._shown = code
            self._show(code)

    def _show(self, code: str) -> None:
        links = lan_links(self._address.port)
        self._body.clear()
        with self._body:
            if not links:
                ui.label("This machine is in no network now.")
                return
            ui.html(picture(f"{links[0]}pair?code={code}"), sanitize=False).classes(
                "ch-pair-picture"
            ).props('role="img" aria-label="Picture code of the address, for a camera"')
            with ui.element("div"):
                ui.label("Open on the phone").classes("ch-quiet")
                for link in links:
                    ui.label(link).classes("ch-pair-link")
                ui.label("and type").classes("ch-quiet")
                ui.label(spaced(code)).classes("ch-pair-code").props('role="status"')

    def _list_devices(self) -> None:
        self._devices.clear()
        with self._devices:
            for session in self._address.sessions.paired:
                self._add_device(session)

    def _add_device(self, session: Session) -> None:
        name = f"{session.name}, {session.ip}"
        with ui.element("div").classes("ch-pair-device"):
            ui.label(name)
            forget = ui.element("button").classes("ch-button").props(f'aria-label="Forget {name}"')
            forget.on("click", lambda: self._address.sessions.forget(session.key))
            with forget:
                ui.html("Forget", sanitize=False, tag="span")
