"""The link to the console, wired to a performance."""

import time
from collections.abc import Callable, Mapping
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

    def read_state() -> Mapping[str, Any]:
        host, tape = performance.host, performance.tape
        shown = read_view()._replace(selected=None)._asdict()
        return shown | {
            "preset_number": host.number,
            "effects_out": sorted(host.effects_out),
            "effect_order": dict(host.effect_order),
            "take": str(tape.folder.absolute()) if tape.is_recording else "",
        }

    def read_live() -> bytes:
        host, status = performance.host, performance.status
        tape = performance.tape
        return pack_live(
            time.monotonic(),
            (status.input_peak_db, status.output_peak_db),
            host.meters,
            host.sounding,
            status.load_p99,
            tape.seconds_written if tape.is_recording else -1.0,
        )

    def read_own(_asked: Mapping[str, Any]) -> Mapping[str, Any]:
        host = performance.host
        slot = host.slots[host.number]
        return {
            "preset_number": host.number,
            "controls": {**slot.controls, **slot.effects},
            "effects_out": sorted(slot.effects_out),
            "effect_order": dict(slot.rows.orders),
        }

    def say(asked: Mapping[str, Any]) -> Mapping[str, Any]:
        performance.desk.say(str(asked.get("text", ""))[:MOST_SAID], "console")
        return {}

    def begin_take(_asked: Mapping[str, Any]) -> Mapping[str, Any]:
        if performance.tape.is_recording:
            raise StreamError("record", "a take is being recorded", "", "end it first")
        performance.desk.do("record", 1.0, "console")
        return {}

    table = describe(performance).model_dump_json().encode()
    sources = Sources(lambda: table, read_state, lambda: performance.host.control_values, read_live)
    server = LinkServer(folder / SOCKET, performance.desk, sources)
    server.answer("say", say)
    server.answer("own", read_own)  # how the preset that plays begins
    server.answer("begin_take", begin_take)  # of one's own, whatever other hands do
    return server
