"""What `chanterelle doctor` finds out about a machine: plain facts, as its JSON shows them.

Times are in ms and measured by the wall, unless they are called *own*: that is the processor's time
which the instrument itself used. A *standstill* is a time in which a thread that slept for a
millisecond was not woken up although it should have been.
"""

from dataclasses import dataclass, field

from realtime.devices import Device

BLOCK_SIZES = (32, 64, 128, 256, 512)
"""In samples; what sound cards offer."""

HUNG = "the sound system hangs"
"""A trial's problem, after which only `os._exit` ends the process."""


@dataclass(frozen=True)
class Computer:
    """The machine itself. None: it does not say."""

    system: str
    processor: str
    n_cores: int
    memory_gb: float | None
    free_gb: float | None
    swapped_gb: float | None
    governor: str | None
    """How Linux chooses the processor's speed: performance, powersave, schedutil..."""
    lowest_mhz: int | None
    highest_mhz: int | None
    on_battery: bool | None
    is_virtual: bool | None


@dataclass(frozen=True)
class Permissions:
    """What this user may do to be in time, and what to change."""

    realtime_priority: int
    lockable_bytes: int | None
    hints: tuple[str, ...]


@dataclass(frozen=True)
class Kernels:
    """The instrument's fast parts are compiled once and kept on disk."""

    n_kept: int
    n_compiled_now: int
    ready_s: float
    """From nothing to the engine's first block."""


@dataclass(frozen=True)
class Midi:
    """MIDI inputs; `problem` says why there are none to ask for."""

    inputs: tuple[str, ...]
    problem: str


@dataclass(frozen=True)
class Disk:
    """Writing as a recording does, each piece forced to the disk."""

    folder: str
    speed_mb_s: float
    slowest_piece_ms: float
    free_hours: float
    """How much recording fits."""
    problem: str


@dataclass(frozen=True)
class CardTrial:
    """One short stream through the sound card, with the engine in it and silence to hear."""

    asked_block_size: int
    block_sizes: tuple[int, ...]
    """What the card really gave, smallest first; empty if it did not open."""
    seconds: float
    xruns: int
    """Pieces of sound that the card reported as lost."""
    late_blocks: int
    latency_ms: float | None
    """Both ways, as the card says; None if that is nonsense."""
    problem: str


@dataclass(frozen=True)
class Cards:
    """Sound cards; the chosen pair, and how it did."""

    devices: tuple[Device, ...]
    microphone: str
    speaker: str
    host_api: str
    rates_hz: tuple[int, ...]
    """What both open at."""
    rate_hz: int | None
    may_feed_back: bool
    blocks_ready: int
    """How many blocks the card has to play on with while the next one is computed."""
    trials: tuple[CardTrial, ...]
    problem: str


@dataclass(frozen=True)
class Load:
    """The engine at one block size, called once a block as a sound card would."""

    block_size: int
    deadline_ms: float
    n_blocks: int
    p50_ms: float
    p99_ms: float
    max_ms: float
    own_p999_ms: float
    """Own computing that one block in a thousand passes, standstills of the machine left out."""
    late_own: int
    late_machine: int
    late_others: int
    """Late blocks by cause: our computing, a standstill of the core, other programs before us."""
    engine_latency_ms: float


@dataclass(frozen=True)
class Watch:
    """What watchmen on the cores saw who slept a millisecond again and again."""

    core_seconds: float
    """Time watched, summed over the cores."""
    is_realtime: bool
    """False: other programs could hold the watchmen up as well."""
    wake_p50_ms: float
    wake_p99_ms: float
    wake_max_ms: float
    standstills_ms: tuple[float, ...]
    """The longest first."""


@dataclass(frozen=True)
class Busy:
    """Another program, and how much of one core it used meanwhile."""

    pid: int
    name: str
    core_share: float


@dataclass(frozen=True)
class Others:
    """What else ran. Shares are of one core; None: the system does not say."""

    busiest: tuple[Busy, ...]
    core_share: float | None
    """Of all other programs together, the short-lived ones as well."""
    stolen_share: float | None
    """Of all cores together: taken away by the host of a virtual machine."""


@dataclass
class Findings:
    """Everything; None where the test has not come to, or was ended before."""

    preset: str
    voice_rate_hz: int = 0
    computer: Computer | None = None
    permissions: Permissions | None = None
    kernels: Kernels | None = None
    midi: Midi | None = None
    disk: Disk | None = None
    cards: Cards | None = None
    loads: list[Load] = field(default_factory=list)
    watch: Watch | None = None
    others: Others | None = None
    seconds: float = 0.0
    is_complete: bool = False
