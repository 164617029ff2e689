"""Checkpoints of a run: `checkpoints/step-00001000.pt`, the newest five, and `best.pt`.

A checkpoint holds all that the next step depends on: weights, optimizer, and how far the run has
come. Neither the order of the data nor any random state needs saving: the windows and the noise of
a step are drawn from seed and step number, and the schedule is a function of the step.
"""

import hashlib
import io
import json
import math
import pickle
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch

from ddsp_core.errors import RecipeError
from training.index import Index
from training.recipe import Recipe
from training.whole_files import write_whole

FOLDER = "checkpoints"
BEST = "best.pt"
KEPT = 5
MAY_CHANGE = {
    "steps",
    "stop_below_loss",
    "patience",
    "checkpoint_every",
    "validate_every",
    "listen_every",
    "compile",
}
"""Of a recipe, between one start of a run and the next: nothing that a step depends on."""
KEYS = {"recipe", "dataset", "started_from", "standing", "voice", "optimizer"}
DAMAGED = (
    zipfile.BadZipFile,
    pickle.UnpicklingError,
    RuntimeError,
    EOFError,
    OSError,
    ValueError,
    KeyError,
    AttributeError,
)
"""What reading raises where a file is cut short, or has been written over."""

Checkpoint = dict[str, Any]


@dataclass
class Standing:
    """How far a run has come."""

    step: int = 0
    best: float = math.inf
    """Lowest validation loss so far."""
    stale: int = 0
    """Validations since then."""
    losses: list[float] = field(default_factory=list)
    """Of the training steps since the last validation."""

    def validated(self, loss: float) -> bool:
        """Takes note of a validation loss; whether it is the best so far."""
        is_best = loss < self.best
        if is_best:
            self.best = loss
        self.stale = 0 if is_best else self.stale + 1
        self.losses.clear()
        return is_best


def save_checkpoint(run_dir: Path, checkpoint: Checkpoint, *, is_best: bool = False) -> None:
    """Saves as the step's or as the best; steps' checkpoints beyond the newest five go.

    Raises:
        RecipeError: the disk is full; the older ones are untouched.
    """
    assert checkpoint.keys() == KEYS
    folder = run_dir / FOLDER
    buffer = io.BytesIO()
    torch.save(checkpoint, buffer)
    name = BEST if is_best else f"step-{checkpoint['standing']['step']:08d}.pt"
    write_whole(folder / name, buffer.getvalue())
    for old in list_checkpoints(run_dir)[:-KEPT]:
        old.unlink()


def list_checkpoints(run_dir: Path) -> list[Path]:
    """Checkpoints of steps, the newest last."""
    return sorted((run_dir / FOLDER).glob("step-*.pt"), key=lambda path: (len(path.name), path))


def newest_checkpoint(run_dir: Path, say: Callable[[str], None]) -> tuple[Path, Checkpoint]:
    """The newest checkpoint that can be read.

    Args:
        say: told of every damaged one.
    Raises:
        RecipeError: there is none.
    """
    paths = list_checkpoints(run_dir)
    for path in reversed(paths):
        try:
            return path, load_checkpoint(path)
        except RecipeError as error:
            say(f"{error}: the one before is taken")
    given = "none of its checkpoints can be read" if paths else "no checkpoint in it"
    todo = "leave --resume out, and choose another --out if there is something in it"
    raise RecipeError(str(run_dir), given, "a run to go on with", todo)


def load_checkpoint(path: Path) -> Checkpoint:
    """Reads a checkpoint, without running any code that it might bring; onto the CPU.

    Raises:
        RecipeError: it is damaged.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            if archive.testzip() is not None:  # torch.load looks at no checksum
                raise zipfile.BadZipFile
        found = torch.load(path, map_location="cpu", weights_only=True)
        missing = KEYS - found.keys()
    except DAMAGED as error:
        raise RecipeError(str(path), f"damaged ({type(error).__name__})", "a checkpoint") from None
    if missing:
        raise RecipeError(str(path), f"no {sorted(missing)[0]} in it", "a checkpoint")
    return dict(found)


def make_checkpoint(
    standing: Standing,
    recipe: Recipe,
    index: Index,
    started_from: Mapping[str, Any] | None,
    parts: Mapping[str, Any],
) -> Checkpoint:
    """What is saved; `parts` are the state dicts of `voice` and `optimizer`."""
    return {
        "recipe": recipe.model_dump_json(),
        "dataset": dataset_marks(index),
        "started_from": None if started_from is None else dict(started_from),
        "standing": asdict(standing),
        **parts,
    }


def dataset_marks(index: Index) -> dict[str, str]:
    """A short hash of each field of a dataset's index: what changes shows."""
    texts = {
        key: json.dumps(value, sort_keys=True)
        for key, value in index.model_dump(mode="json").items()
    }
    return {key: hashlib.sha256(text.encode()).hexdigest()[:16] for key, text in texts.items()}


def check_recipe(where: Path, checkpoint: Checkpoint, recipe: Recipe) -> None:
    """Raises RecipeError that says which keys differ."""
    saved, now = json.loads(checkpoint["recipe"]), recipe.model_dump(mode="json")
    differing = [key for key in now if key not in MAY_CHANGE and saved.get(key) != now[key]]
    if differing:
        given = ", ".join(f"{key} was {saved.get(key)}, is {now[key]}" for key in differing)
        todo = "set them back, or begin anew with another --out (--from keeps what was learned)"
        raise RecipeError(str(where), given, "the recipe that the run began with", todo)


def check_dataset(where: Path, checkpoint: Checkpoint, index: Index, dataset_path: Path) -> None:
    """Raises RecipeError where the dataset is not the one that the run began with."""
    saved, now = checkpoint["dataset"], dataset_marks(index)
    differing = [key for key in saved if saved[key] != now.get(key)]
    if differing:
        given = f"{dataset_path} has changed since: {', '.join(differing)}"
        todo = "begin anew with another --out (--from keeps what was learned)"
        raise RecipeError(str(where), given, "the dataset that the run began with", todo)
