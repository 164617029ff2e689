"""Cutting the input anywhere changes nothing, whichever effect, also while parameters move."""

from pathlib import Path

import numpy as np
import pytest
from effects import OURS, RATE, blocks_of, one, play, write_room
from hypothesis import given, settings
from hypothesis import strategies as st

from realtime.effects.chain import Chain
from realtime.effects.kinds import KINDS, check_effects

N_SAMPLES = 12_000
TURNS_AT = (0, 1500, 2000, 4321, 6500, 9000)


def sound(n_channels: int, n_samples: int = N_SAMPLES) -> np.ndarray:
    """Loud and soft by turns, so that gate and compressor have work to do."""
    noise = np.random.default_rng(0).standard_normal((n_channels, n_samples))
    swell = 10 ** (-1.5 * (1 + np.sin(np.arange(n_samples) / 300)))
    return (0.5 * swell * noise).astype(np.float32)


def turn(kind: str, seed: int):  # type: ignore[no-untyped-def]
    """Everything to a value of chance; the tempo and bypass as well."""
    random = np.random.default_rng(seed)
    shares = random.random(len(KINDS[kind].parameters))

    def do(chain: Chain) -> None:
        for share, control in zip(shares, KINDS[kind].parameters, strict=True):
            way = (
                share**8 if control.unit in ("s", "beats") else share
            )  # mostly shorter than the sound
            value = control.minimum + way * (control.maximum - control.minimum)
            chain.set(f"{kind}.{control.name}", value)
        chain.set_tempo(400.0 - 40 * seed)
        chain.bypass(kind, seed % 3 == 1)

    return do


def played(kind: str, folder: Path, n_inputs: int, cuts: object) -> np.ndarray:
    turns = {at: turn(kind, seed) for seed, at in enumerate(TURNS_AT)}
    chain = one(kind, folder, n_inputs)
    return play(chain, sound(n_inputs), cuts, turns)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("room")


@pytest.mark.parametrize("n_inputs", [1, 2])
@pytest.mark.parametrize("kind", OURS)
def test_cuts_of_one_and_of_a_card(kind: str, n_inputs: int, folder: Path) -> None:
    whole = played(kind, folder, n_inputs, ())
    assert np.abs(whole).max() > 0.01
    for size in (1, 127, 480):
        cut = played(kind, folder, n_inputs, blocks_of(size, N_SAMPLES))
        assert np.abs(cut - whole).max() < 1e-5, size


@settings(max_examples=40, deadline=None)
@given(
    cuts=st.lists(st.integers(1, N_SAMPLES - 1), max_size=30),
    kind=st.sampled_from(OURS),
    n_inputs=st.integers(1, 2),
)
def test_any_cuts(cuts: list[int], kind: str, n_inputs: int, folder: Path) -> None:
    whole = played(kind, folder, n_inputs, ())
    assert np.abs(played(kind, folder, n_inputs, cuts) - whole).max() < 1e-5


@pytest.mark.parametrize("kind", OURS)
def test_large_blocks(kind: str, folder: Path) -> None:
    noise = sound(1, 20_000)
    whole = play(one(kind, folder), noise, blocks_of(8192, 20_000))
    assert np.abs(play(one(kind, folder), noise, blocks_of(128, 20_000)) - whole).max() < 1e-5


@pytest.mark.parametrize("kind", OURS)
def test_nothing_comes_out_that_is_no_number(kind: str, folder: Path) -> None:
    """Not with the loudest input, with parameters at their ends, at any rate."""
    random = np.random.default_rng(5)
    for n_inputs in (1, 2):
        chain = one(kind, folder, n_inputs)
        for _ in range(40):
            for control in KINDS[kind].parameters:
                ends = (control.minimum, control.default, control.maximum)
                chain.set(f"{kind}.{control.name}", float(random.choice(ends)))
            chain.set_tempo(float(random.choice((20.0, 400.0))))
            chain.bypass(kind, bool(random.random() < 0.2))
            level = float(random.choice((0.0, 1e-30, 1e-3, 1.0)))
            n_samples = int(random.choice((1, 5, 128, 1000)))
            out = chain.process((level * random.uniform(-1, 1, (n_inputs, n_samples))).astype("f4"))
            assert np.isfinite(out).all()
        assert not chain.problems()


@pytest.mark.parametrize("rate", [8000, 44_100, 192_000])
@pytest.mark.parametrize("kind", OURS)
def test_any_rate(kind: str, rate: int, folder: Path) -> None:
    line = {"kind": kind, **({"file": str(write_room(folder))} if kind == "room" else {})}
    chain = Chain(check_effects([line], "", folder), rate)
    for control in KINDS[kind].parameters:
        out = play(chain, sound(1), blocks_of(500, N_SAMPLES))
        assert 0.01 < np.abs(out).max() < 10.0
        chain.set(f"{kind}.{control.name}", control.maximum)
        chain.process(sound(1))
        chain.set(f"{kind}.{control.name}", control.default)


@pytest.mark.parametrize("kind", OURS)
def test_silence_stays_silence_and_costs_no_denormals(kind: str, folder: Path) -> None:
    chain = one(kind, folder)
    play(chain, sound(1))
    n_tail = round(chain.tail_s * RATE) + RATE
    end = play(chain, np.zeros((1, n_tail), np.float32), blocks_of(1024, n_tail))[:, -4800:]
    assert np.abs(end).max() < 1e-4
    assert not ((end != 0) & (np.abs(end) < np.finfo(np.float32).tiny)).any()


def test_the_second_play_after_panic_is_the_first_again(folder: Path) -> None:
    for kind in OURS:
        chain = one(kind, folder)
        first = play(chain, sound(1))
        chain.reset()
        assert np.array_equal(play(chain, sound(1)), first), kind
