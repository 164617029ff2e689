"""The link to the console, wired to a performance."""

import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ddsp_core.errors import StreamError
from realtime.console_process import SOCKET
from realtime.link_live import pack_live
from realtime.link_news import Sources
from realtime.link_server import LinkServer
from realtime.live_view_state import ViewState

if TYPE_CHECKING:
    from realtime.performance import Performance

SOURCE = "console"
MOST_SAID = 300
"""Characters of what the console tells the performer."""


def link_of(
    performance: "Performance", read_view: Callable[[], ViewState], folder: Path
) -> LinkServer:
    """Ready to listen.

    Args:
        performance: what the console shows and turns.
        read_view: what any view shows of it.
        folder: of the link.
    """
    from realtime.link_table import describe  # now: later it would hold the music up

    table = describe(performance).model_dump_json().encode()
    sources = Sources(
        lambda: table,
        lambda: _state(performance, read_view()),
        lambda: performance.host.control_values,
        lambda: _live(performance),
    )
    server = LinkServer(folder / SOCKET, performance.desk, sources)
    for what, answerer in ANSWERERS.items():
        server.answer(what, partial(answerer, performance))
    return server


def _state(performance: "Performance", view: ViewState) -> Mapping[str, Any]:
    host, tape = performance.host, performance.tape
    return view._replace(selected=None)._asdict() | {
        "preset_number": host.number,
        "effects_out": sorted(host.effects_out),
        "effect_order": dict(host.effect_order),
        "take": str(tape.folder.absolute()) if tape.is_recording else "",
    }


def _live(performance: "Performance") -> bytes:
    host, status, tape = performance.host, performance.status, performance.tape
    return pack_live(
        time.monotonic(),
        (status.input_peak_db, status.output_peak_db),
        host.meters,
        host.sounding,
        status.load_p99,
        tape.seconds_written if tape.is_recording else -1.0,
    )


def _own(performance: "Performance", _asked: Mapping[str, Any]) -> Mapping[str, Any]:
    """How the preset that plays begins."""
    host = performance.host
    slot = host.slots[host.number]
    return {
        "preset_number": host.number,
        "controls": {**slot.controls, **slot.effects},
        "effects_out": sorted(slot.effects_out),
        "effect_order": dict(slot.rows.orders),
    }


def _say(performance: "Performance", asked: Mapping[str, Any]) -> Mapping[str, Any]:
    performance.desk.say(str(asked.get("text", ""))[:MOST_SAID], SOURCE)
    return {}


def _begin_take(performance: "Performance", _asked: Mapping[str, Any]) -> Mapping[str, Any]:
    """One of its own, whatever other hands do."""
    if performance.tape.is_recording:
        raise StreamError("record", "a take is being recorded", "", "end it first")
    performance.desk.do("record", 1.0, SOURCE)
    return {}


ANSWERERS = {"say": _say, "own": _own, "begin_take": _begin_take}
"""What a console may ask for, besides what the desk does."""
