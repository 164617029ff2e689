"""Made-up machines for the doctor: a good laptop, and what can be wrong with one."""

from dataclasses import replace

from realtime.devices import Device
from realtime.doctor_findings import (
    BLOCK_SIZES,
    Cards,
    CardTrial,
    Computer,
    Disk,
    Findings,
    Kernels,
    Load,
    Midi,
    Others,
    Permissions,
    Watch,
)

RATE = 48_000
SCARLETT = Device(0, "Scarlett 2i2", "ALSA", 2, 2, 44_100)


def load(block_size: int, own_p999_ms: float = 0.3, **figures: float) -> Load:
    """One block size; the engine's own latency is 5 ms."""
    deadline_ms = 1000 * block_size / RATE
    row = Load(
        block_size=block_size, deadline_ms=deadline_ms, n_blocks=1000, p50_ms=own_p999_ms / 2,
        p99_ms=own_p999_ms, max_ms=1.1 * own_p999_ms, own_p999_ms=own_p999_ms, late_own=0,
        late_machine=0, late_others=0, engine_latency_ms=5.0,
    )  # fmt: skip
    return replace(row, **figures)


def trial(block_size: int, **facts: object) -> CardTrial:
    """A stream that does what it should."""
    row = CardTrial(block_size, (block_size or 128,), 1.0, 0, 0, 2500 * block_size / RATE, "")
    return replace(row, **facts)


def laptop() -> Findings:
    """A fast one, set up well, with a sound card."""
    return Findings(
        preset="violin",
        voice_rate_hz=RATE,
        computer=Computer(
            system="Linux 6.1", processor="A fast one", n_cores=8, memory_gb=16.0, free_gb=10.0,
            swapped_gb=0.0, governor="performance", lowest_mhz=400, highest_mhz=4200,
            on_battery=False, is_virtual=False,
        ),
        permissions=Permissions(95, None, ()),
        kernels=Kernels(30, 0, 1.0),
        midi=Midi(("nanoKONTROL2",), ""),
        disk=Disk(".", 200.0, 5.0, 300.0, ""),
        cards=Cards(
            devices=(SCARLETT,), microphone="Scarlett 2i2", speaker="Scarlett 2i2",
            host_api="ALSA", rates_hz=(44_100, 48_000), rate_hz=RATE, may_feed_back=False,
            blocks_ready=1,
            trials=tuple(trial(size) for size in BLOCK_SIZES), problem="",
        ),
        loads=[load(size) for size in BLOCK_SIZES],
        watch=Watch(60.0, True, 0.05, 0.1, 0.3, (0.3, 0.25)),
        others=Others((), 0.02, 0.0),
        seconds=20.0,
        is_complete=True,
    )  # fmt: skip
