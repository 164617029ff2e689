"""A run: everything that a step needs, new or as the newest checkpoint left it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import torch
from lightning_fabric import Fabric
from rich.console import Console
from torch import nn

from ddsp_core.errors import RecipeError
from ddsp_core.features import FeatureExtractor
from ddsp_core.voice import Voice
from training.checkpoints import (
    Standing,
    check_dataset,
    check_recipe,
    list_checkpoints,
    newest_checkpoint,
)
from training.curve import rewind_curve
from training.dataset import Dataset
from training.fine_tuning import Beginning, start_from
from training.index import FILE_NAME as INDEX
from training.index import Index
from training.losses import SpectralLoss, spectral_loss_from
from training.new_voice import voice_config
from training.recipe import Recipe

if TYPE_CHECKING:
    from training.board import Board


class Run(NamedTuple):
    """Everything that a step needs."""

    folder: Path
    recipe: Recipe
    contents: Index
    """Of the dataset."""
    fabric: Fabric
    voice: Voice
    shared: nn.Module
    """The voice as Fabric runs it: in the recipe's precision, gradients shared by all processes."""
    optimizer: Any
    loss: SpectralLoss
    started_from: dict[str, Any] | None
    """What the voices' provenance says of the one that fine-tuning began with."""
    board: "Board | None" = None
    """Where the first process logs for TensorBoard."""


def new_run(
    folder: Path, recipe: Recipe, index: Index, fabric: Fabric, beginning: Beginning | None
) -> Run:
    """With a new voice, or with what another one has learned."""
    torch.manual_seed(recipe.seed)
    voice = Voice(voice_config(recipe, index), len(index.rooms))
    told = None if beginning is None else start_from(voice, beginning, index)
    loss = spectral_loss_from(recipe.loss, recipe.sample_rate)
    if recipe.compile and fabric.device.type == "cuda":
        voice.decoder.compile()
        loss.compile()
    instrument = [p for name, p in voice.named_parameters() if not name.startswith("room.")]
    groups = [{"params": instrument}, {"params": list(voice.room.parameters())}]
    shared, optimizer = fabric.setup(voice, torch.optim.Adam(groups))
    return Run(folder, recipe, index, fabric, voice, shared, optimizer, loss, told)


def resumed(run: Run, dataset_path: Path, console: Console) -> tuple[Run, Standing]:
    """With the weights, optimizer and standing of the newest checkpoint."""
    path, found = newest_checkpoint(run.folder, lambda text: say(console, text))
    check_recipe(path, found, run.recipe)
    check_dataset(path, found, run.contents, dataset_path)
    run.voice.load_state_dict(found["voice"])
    run.optimizer.load_state_dict(found["optimizer"])
    standing = Standing(**found["standing"])
    if run.fabric.is_global_zero:
        rewind_curve(run.folder, standing.step)
    return run._replace(started_from=found["started_from"]), standing


def check_folder(run_dir: Path, resume: bool) -> None:
    """Raises RecipeError where a new run would write over an old one."""
    if not resume and list_checkpoints(run_dir):
        todo = "go on with --resume, or choose another --out"
        raise RecipeError(str(run_dir), "a run lives here already", "an empty folder", todo)


def check_features(recipe: Recipe, dataset: Dataset) -> None:
    """Raises RecipeError where a voice trained on the dataset could not be played."""
    index, todo = dataset.index, "prepare the dataset again"
    if (recipe.sample_rate, recipe.hop_size) != (index.sample_rate, index.hop_size):
        given = f"{index.sample_rate} Hz, hop {index.hop_size}"
        allowed = f"{recipe.sample_rate} Hz, hop {recipe.hop_size}, as the recipe says"
        raise RecipeError(str(dataset.path), given, allowed, todo)
    now = dict(FeatureExtractor(recipe.sample_rate, recipe.hop_size).definition)
    was = index.definition
    differing = [key for key in sorted(now.keys() | was.keys()) if now.get(key) != was.get(key)]
    if differing:
        given = ", ".join(f"its {key} is {was.get(key)}" for key in differing)
        allowed = ", ".join(f"{now.get(key)}" for key in differing)
        raise RecipeError(str(dataset.path), given, f"{allowed}, as features are now", todo)


def synthetic_dataset(fabric: Fabric, recipe: Recipe, run_dir: Path, console: Console) -> Path:
    """The dataset of a recipe that needs no recordings, made where it is not there yet."""
    from training.synthetic import make_dataset

    if recipe.source == "recordings":
        todo = "make one with `chanterelle-train prepare`, or --recipe fm_plucked"
        raise RecipeError("DATASET", "none given", "a folder that prepare made", todo)
    with fabric.rank_zero_first():
        folder = run_dir / "dataset"
        return folder if (folder / INDEX).is_file() else make_dataset(recipe, folder, console)


@contextmanager
def logged(run: Run, dataset_path: Path, first_step: int, console: Console) -> Iterator[Run]:
    """The run with a board, in the first process; closed at the end."""
    if not run.fabric.is_global_zero:
        yield run
        return
    from training.board import Board  # TensorBoard takes a second to import

    board = Board(run.folder, dataset_path, run.recipe, first_step, lambda text: say(console, text))
    try:
        yield run._replace(board=board)
    finally:
        board.close()


def say(console: Console, text: str) -> None:
    """A line as it is: not wrapped, and with nothing in it read as markup."""
    console.print(text, soft_wrap=True, highlight=False, markup=False)
