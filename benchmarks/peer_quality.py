"""What a voice learns in equal steps from equal data: ours against ddsp_pytorch.

    python -m benchmarks.peer_quality --peer CHECKOUT --dataset DATASET --out FOLDER
        [--recipe string_along] [--steps 2000] [--validate-every 200] [--below 6.5]
        [--set n_units=128 --set batch_size=4 --set window_s=2 ...]

DATASET is made by `chanterelle-train prepare ... --rate 16000 --hop 160`. Both see the same windows
in the same order, with our f0 and our loudness; each has its own loss, optimizer and room. The
measure, on clips of the validation split as long as a training window, wet against wet, is the
peer's: spectra of six sizes, linear and logarithmic, computed by the functions of its checkout.

FOLDER/curve.csv gets a line at each validation; both models and optimizers are kept there, and the
same command goes on from them.
"""

import argparse
import csv
import time
from pathlib import Path

import numpy as np
import torch

from benchmarks.contenders import (
    Contender,
    Heard,
    LoudnessScale,
    Ours,
    Peer,
    peer_distance,
    peer_module,
)
from training.augmentation import Batch
from training.dataset import Dataset
from training.recipe import Recipe, load_recipe

N_CLIPS = 24
FIELDS = ("steps", "ours", "ddsp_pytorch", "ours_s", "ddsp_pytorch_s")


def heard(batch: Batch) -> Heard:
    curves = batch.f0_hz, batch.loudness_db, batch.audio
    return Heard(*(torch.from_numpy(np.ascontiguousarray(x)) for x in curves))


def held_out_clips(dataset_path: Path, recipe: Recipe) -> list[Heard]:
    """Clips as long as a window, spread evenly over the held-out stretches."""
    clips = [clip.batch for clip in Dataset(dataset_path, "validation").clips(recipe.window_s)]
    whole = [clip for clip in clips if clip.f0_hz.shape[1] == recipe.window_frames]
    return [heard(clip) for clip in whole[:: max(1, len(whole) // N_CLIPS)]]


@torch.no_grad()
def held_out(system: Contender, clips: list[Heard], peer: Path) -> float:
    """Mean distance by the peer's definition; the noise is the same each time."""
    core = peer_module(peer, "ddsp.core")
    with torch.random.fork_rng():
        torch.manual_seed(0)
        distances = [peer_distance(core, system.render(clip), clip.audio) for clip in clips]
    return float(torch.stack(distances).mean())


def save(folder: Path, systems: dict[str, Contender], step: int) -> None:
    """Written beside the old one and moved over it."""
    state = {name: (s.model.state_dict(), s.optimizer.state_dict()) for name, s in systems.items()}
    torch.save({"step": step, **state}, folder / "both.partial")
    (folder / "both.partial").replace(folder / "both.pt")


def resume(folder: Path, systems: dict[str, Contender]) -> int:
    """Steps done."""
    path = folder / "both.pt"
    if not path.is_file():
        return 0
    saved = torch.load(path, weights_only=True)
    for name, system in systems.items():
        system.model.load_state_dict(saved[name][0])
        system.optimizer.load_state_dict(saved[name][1])
    return int(saved["step"])


def note(folder: Path, row: dict[str, float]) -> None:
    path = folder / "curve.csv"
    is_new = not path.is_file()
    with path.open("a", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, FIELDS)
        if is_new:
            writer.writeheader()
        writer.writerow(row)
    print(" ".join(f"{name} {row[name]:.4g}" for name in FIELDS), flush=True)


def compare(given: argparse.Namespace, recipe: Recipe) -> None:
    dataset = Dataset(given.dataset, "train", recipe.notes_share)
    stats = dataset.index.statistics
    quantiles = stats.loudness_quantiles_db
    loudness = LoudnessScale(
        stats.loudness_mean_db, stats.loudness_deviation_db,
        quantiles["50"] - 60.0, quantiles["100"],
    )  # fmt: skip
    torch.manual_seed(recipe.seed)
    systems: dict[str, Contender] = {
        "ours": Ours(recipe, loudness),
        "ddsp_pytorch": Peer(recipe, loudness, given.peer),
    }
    first = resume(given.out, systems)
    clips = held_out_clips(given.dataset, recipe)
    spent = dict.fromkeys(systems, 0.0)
    for step in range(first, given.steps):
        drawn = dataset.batch(step, recipe.seed, recipe.batch_size, recipe.window_frames)
        for name, system in systems.items():
            start = time.process_time()
            system.step(heard(drawn))
            spent[name] += time.process_time() - start
        done = step + 1
        if done % given.validate_every == 0 or done == given.steps:
            losses = {name: held_out(s, clips, given.peer) for name, s in systems.items()}
            seconds = {f"{name}_s": spent[name] / (done - first) for name in systems}
            note(given.out, {"steps": done, **losses, **seconds})
            save(given.out, systems, done)


def summary(folder: Path, below: float) -> None:
    """Where both stand, and from when on each was below the yardstick."""
    with (folder / "curve.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    for name in ("ours", "ddsp_pytorch"):
        reached = [row["steps"] for row in rows if float(row[name]) <= below]
        when = f"from step {reached[0]}" if reached else "not yet"
        print(f"{name}: {float(rows[-1][name]):.3f} after {rows[-1]['steps']}; <= {below}: {when}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--peer", type=Path, required=True, help="checkout of ddsp_pytorch")
    parser.add_argument("--dataset", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True, help="curve and models go there")
    parser.add_argument("--recipe", default="string_along")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE")
    parser.add_argument("--steps", type=int, default=2000)
    parser.add_argument("--validate-every", type=int, default=200)
    parser.add_argument("--below", type=float, default=6.5)
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    compare(given, load_recipe(given.recipe, given.set))
    summary(given.out, given.below)


if __name__ == "__main__":
    main()
