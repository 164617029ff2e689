"""A live block of ours beside one of acids-ircam/ddsp_pytorch, of equal sizes, in one run.

    python -m benchmarks.peer_block --peer CHECKOUT [--seconds 10] [--json]

512 units, 100 harmonics, 65 noise bands, blocks of 128 samples at 48 kHz, one thread. Theirs is the
model's `realtime_forward`: a decoder step, oscillators and noise, without tracker or room; as torch
runs it, and scripted as their export.py does it for the stage. `our voice` is just these three.
`our engine` has everything: pitch, loudness, shaping, voice, a room of two seconds and the limiter.

Paced, a block is called once per block's length, as a sound card would; tight, back to back. The
contenders take turns of a second, so that what else the machine does hits all of them. The weights
are random; sizes alone decide the cost. The checkout's code is imported, nothing of it is here.
"""

import argparse
import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from benchmarks.contenders import peer_module
from ddsp_core.live_voice import LiveInputs, LiveVoice
from realtime.bench import FULL_SIZE, random_voice, sung_like
from realtime.engine import Engine
from realtime.session import undisturbed

TURN_S = 1.0
WARM_UP_BLOCKS = 100
VOICE, ENGINE = "our voice", "our engine"
THEIRS = ("ddsp_pytorch", "ddsp_pytorch, scripted")

Block = Callable[[int], object]
"""Plays block n."""


class Scripted(torch.nn.Module):
    """What TorchScript compiles: their live step and nothing else."""

    def __init__(self, model: torch.nn.Module) -> None:
        super().__init__()
        self.model = model

    def forward(self, pitch: torch.Tensor, loudness: torch.Tensor) -> torch.Tensor:
        return self.model.realtime_forward(pitch, loudness)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--peer", type=Path, required=True, help="checkout of ddsp_pytorch")
    parser.add_argument("--seconds", type=float, default=10.0, help="of each, paced and tight")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    torch.set_num_threads(1)
    torch.set_grad_enabled(False)
    contenders = all_contenders(given.peer.resolve(), given.seconds)
    with undisturbed():
        result = {
            pace: compare(contenders, given.seconds, is_paced=pace == "paced")
            for pace in ("paced", "tight")
        }
    print(json.dumps(result) if given.json else "\n".join(as_lines(result)))


def all_contenders(checkout: Path, seconds: float) -> dict[str, Block]:
    """By name. All follow the same pitches and levels; the engine hears such a voice instead."""
    n_blocks = round(seconds * FULL_SIZE.sample_rate / FULL_SIZE.hop_size) + 2 * WARM_UP_BLOCKS
    at_s = np.arange(n_blocks) * FULL_SIZE.hop_size / FULL_SIZE.sample_rate
    f0_hz = (330.0 * 2.0 ** np.sin(2 * np.pi * 0.3 * at_s)).astype(np.float32)
    loudness_db = (-30.0 + 10.0 * np.sin(2 * np.pi * 0.7 * at_s)).astype(np.float32)
    model = peer_model(checkout)
    scripted = torch.jit.script(Scripted(model))
    return {
        VOICE: our_voice(f0_hz, loudness_db),
        ENGINE: our_engine(seconds),
        THEIRS[0]: their_block(model.realtime_forward, f0_hz, loudness_db),
        THEIRS[1]: their_block(scripted, f0_hz, loudness_db),
    }


def peer_model(checkout: Path) -> Any:
    """Their model at our sizes."""
    sizes = FULL_SIZE.decoder
    return peer_module(checkout, "ddsp.model").DDSP(
        sizes.n_units, sizes.n_harmonics, sizes.n_bands, sizes.sample_rate, FULL_SIZE.hop_size
    )


def their_block(forward: Any, f0_hz: NDArray[Any], loudness_db: NDArray[Any]) -> Block:
    """One step of theirs; the level scaled by mean and deviation, as their export.py does."""
    pitches = torch.from_numpy(f0_hz).reshape(-1, 1, 1, 1)
    levels = (torch.from_numpy(loudness_db).reshape(-1, 1, 1, 1) + 30.0) / 10.0
    return lambda n: forward(pitches[n % len(pitches)], levels[n % len(levels)])


def our_voice(f0_hz: NDArray[Any], loudness_db: NDArray[Any]) -> Block:
    """Decoder, oscillators and noise, white noise drawn as theirs does; a room of one sample."""
    voice = LiveVoice(random_voice(replace(FULL_SIZE, reverb_len=1)))
    random = np.random.default_rng(0)
    one, nothing = np.ones(1, np.float32), np.zeros(1, np.float32)
    room_mix = np.zeros((1, FULL_SIZE.hop_size), np.float32)
    state: list[Any] = [None]

    def block(n: int) -> object:
        here = slice(n % len(f0_hz), n % len(f0_hz) + 1)
        white = 2.0 * random.random((1, FULL_SIZE.hop_size), dtype=np.float32) - 1.0
        inputs = LiveInputs(
            f0_hz[here], loudness_db[here], harmonic_gain=one, noise_gain=one, scratch=nothing,
            white=white, room_mix=room_mix,
        )  # fmt: skip
        out, state[0] = voice.forward(inputs, state[0])
        return out

    return block


def our_engine(seconds: float) -> Block:
    """`Engine.process` over sung-like sound."""
    engine = Engine(random_voice(FULL_SIZE))
    engine.warm_up()
    sung = sung_like(engine.sample_rate, seconds)
    whole = sung[: len(sung) // FULL_SIZE.hop_size * FULL_SIZE.hop_size]
    blocks = whole.reshape(-1, FULL_SIZE.hop_size)
    return lambda n: engine.process(blocks[n % len(blocks)])


def compare(
    contenders: dict[str, Block], seconds: float, *, is_paced: bool
) -> dict[str, dict[str, float]]:
    """Figures of each in ms, and how many times faster ours are than the faster of theirs."""
    period_s = FULL_SIZE.hop_size / FULL_SIZE.sample_rate
    n_a_turn = round(TURN_S / period_s)
    taken_s: dict[str, list[float]] = {name: [] for name in contenders}
    counters = {name: count() for name in contenders}
    for name, block in contenders.items():
        list(timed(block, counters[name], WARM_UP_BLOCKS, 0.0))
    for _ in range(max(1, round(seconds / TURN_S))):
        for name, block in contenders.items():
            pause_s = period_s if is_paced else 0.0
            taken_s[name] += timed(block, counters[name], n_a_turn, pause_s)
    rows = {name: figures(times) for name, times in taken_s.items()}
    for ours in (VOICE, ENGINE):
        for key in ("p50_ms", "p99_ms"):
            theirs = min(rows[name][key] for name in THEIRS)
            rows[ours][f"times_faster_{key.removesuffix('_ms')}"] = theirs / rows[ours][key]
    return rows


def timed(block: Block, counter: Iterator[int], n_blocks: int, period_s: float) -> Iterator[float]:
    """Seconds of each of so many blocks, one a period; back to back if that is 0."""
    due_s = time.perf_counter()
    for _ in range(n_blocks):
        due_s += period_s
        if period_s:
            time.sleep(max(0.0, due_s - time.perf_counter()))
        begun_s = time.perf_counter()
        block(next(counter))
        yield time.perf_counter() - begun_s


def figures(times_s: Sequence[float]) -> dict[str, float]:
    """In ms."""
    p50, p99, most = 1e3 * np.percentile(times_s, (50, 99, 100))
    return {"p50_ms": float(p50), "p99_ms": float(p99), "max_ms": float(most)}


def as_lines(result: dict[str, dict[str, dict[str, float]]]) -> Iterator[str]:
    """The table."""
    yield f"{'':30} {'p50 ms':>8} {'p99 ms':>8} {'max ms':>8}   times faster (p50, p99)"
    for pace, rows in result.items():
        for name, row in rows.items():
            line = f"{pace + ', ' + name:30} {row['p50_ms']:8.3f} {row['p99_ms']:8.3f}"
            line += f" {row['max_ms']:8.3f}"
            if "times_faster_p50" in row:
                line += f"   {row['times_faster_p50']:.1f} {row['times_faster_p99']:.1f}"
            yield line


if __name__ == "__main__":
    main()
