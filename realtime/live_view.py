"""The live line: levels, note, load, losses and latency on one line of a terminal."""

from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, Protocol, Self

from ddsp_core.units import note_name
from realtime.session import Status

if TYPE_CHECKING:
    from rich.text import Text

BAR_CELLS = 5
BAR_FLOOR_DB = -50.0
"""A cell is 10 dB; the whole line fits a terminal of 80 columns."""

HOT_DB = -3.0
BUSY_LOAD = 0.7


class Readings(Protocol):
    """The engine's meters, of its last hop."""

    @property
    def input_peak_db(self) -> float: ...  # noqa: D102 (the names say it)
    @property
    def output_peak_db(self) -> float: ...  # noqa: D102
    @property
    def f0_hz(self) -> float: ...  # noqa: D102
    @property
    def gate_open(self) -> bool: ...  # noqa: D102


class LiveView:
    """Redraws one line at the bottom of the terminal; a context manager.

    Args:
        read_meters: gives the engine's meters of now.
    """

    def __init__(self, read_meters: Callable[[], Readings]) -> None:
        from rich.live import Live

        self._read_meters = read_meters
        # Redrawn from the main thread as it looks at the card: no thread of rich's own.
        self._live = Live(auto_refresh=False, transient=True)

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._live.stop()

    def show(self, status: Status) -> None:
        """Draws the line anew."""
        self._live.update(status_line(self._read_meters(), status), refresh=True)


def status_line(meters: Readings, status: Status) -> "Text":
    """The live line's text and colours; below it, if blocks were late, why."""
    from rich.text import Text

    fields = [
        ("in " + level(meters.input_peak_db), _level_style(meters.input_peak_db)),
        ("out " + level(meters.output_peak_db), _level_style(meters.output_peak_db)),
        (sung_note(meters), "bold cyan"),
        (load(status), "bold red" if status.load_p99 > BUSY_LOAD else ""),
        (f"late {status.late_blocks}", "bold red" if status.late_blocks else ""),
        (f"xruns {status.xruns}", "bold red" if status.xruns else ""),
        (f"{status.latency_ms:.1f} ms", ""),
    ]
    if status.problem:
        fields.insert(0, (status.problem, "bold white on red"))
    line = Text(" ", no_wrap=True, overflow="ellipsis").join(Text(*field) for field in fields)
    if status.late_blocks and status.late_words:
        line.append(f"\n{status.late_words}", "bold red")
    return line


def level(peak_db: float) -> str:
    """A bar and its figure.

    >>> level(-24.6)
    '▮▮▮▯▯ -25 dB'
    """
    filled = round(BAR_CELLS * (1.0 - peak_db / BAR_FLOOR_DB))
    filled = min(max(filled, 0), BAR_CELLS)
    return f"{'▮' * filled}{'▯' * (BAR_CELLS - filled)} {peak_db:3.0f} dB"


def sung_note(meters: Readings) -> str:
    """Name and cents of the note that is sung, always ten characters wide."""
    if not meters.gate_open or meters.f0_hz <= 0.0:
        return f"{'--':10}"
    name, cents = note_name(meters.f0_hz)
    return f"{name:3} {cents:+3.0f} ct"


def load(status: Status) -> str:
    """Computing time over block length, in per cent: usual and worst.

    >>> load(Status(0.09, 0.15, 0, 0, 20.0, ""))
    'load  9/15 %'
    """
    return f"load {100 * status.load_p50:2.0f}/{100 * status.load_p99:2.0f} %"


def _level_style(peak_db: float) -> str:
    return "bold red" if peak_db > HOT_DB else "green"
