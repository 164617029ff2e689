"""The training loop, to be read from top to bottom.

A run folder holds `recipe.json`, `curve.csv` (step, loss, validation loss), `checkpoints/` and
`voice/` (the best by validation so far, ready to play). What a step sees depends on seed and step
number alone, so a run that was stopped, or killed, goes on as if it had not been.
"""

import contextlib
import itertools
from pathlib import Path

import numpy as np
import torch
from rich.console import Console
from torch import Tensor, nn

from ddsp_core.voice import VoiceInputs
from training import best_voice
from training.bad_batch import check_finite
from training.batches import Drawn, batches, rows_of, validation_clips
from training.checkpoints import (
    Standing,
    make_checkpoint,
    save_checkpoint,
)
from training.curve import add_to_curve
from training.dataset import Dataset
from training.fine_tuning import Beginning
from training.machines import ONE_DEVICE, Machines, all_or_none, launch, over_all
from training.progress import Display
from training.recipe import Recipe
from training.run import (
    Run,
    check_features,
    check_folder,
    logged,
    new_run,
    resumed,
    synthetic_dataset,
)
from training.schedule import learning_rates
from training.stopping import stopped_by_ctrl_c, why_enough
from training.whole_files import write_whole


def train(
    recipe: Recipe,
    dataset_path: Path | None,
    run_dir: Path,
    *,
    resume: bool = False,
    beginning: Beginning | None = None,
    machines: Machines = ONE_DEVICE,
    with_board: bool = False,
) -> None:
    """Trains a voice; Ctrl-C ends after the step in hand, and saves it.

    Args:
        dataset_path: None: a synthetic recipe makes its own, in the run folder.
        resume: go on from the newest checkpoint.
        beginning: with the weights of another voice (fine-tuning).
        with_board: log for TensorBoard, with sound.

    Raises:
        RecipeError: dataset of another sample rate or hop, a run folder in use, a checkpoint of
            another recipe, a loss that is not finite, a disk that is full.
    """
    check_folder(run_dir, resume)
    fabric = launch(machines, recipe)
    console = Console(quiet=not fabric.is_global_zero)
    with all_or_none(fabric):
        dataset_path = dataset_path or synthetic_dataset(fabric, recipe, run_dir, console)
        train_set = Dataset(
            dataset_path,
            "train",
            recipe.notes_share,
            recipe.level_range_db,
            recipe.pitch_range_semitones,
        )
        clips = validation_clips(Dataset(dataset_path, "validation"), recipe.warm_up_s)
        check_features(recipe, train_set)
        run = new_run(run_dir, recipe, train_set.index, fabric, beginning)
        standing = Standing()
        if resume:
            run, standing = resumed(run, dataset_path, console)
        elif fabric.is_global_zero:
            write_whole(run_dir / "recipe.json", recipe.model_dump_json(indent=1).encode())
        log = logged(run, dataset_path, standing.step, console) if with_board else None
        with log or contextlib.nullcontext(run) as run:
            _train(run, standing, train_set, clips, console)


def _train(
    run: Run, standing: Standing, train_set: Dataset, clips: list[Drawn], console: Console
) -> None:
    recipe, fabric = run.recipe, run.fabric
    rows = rows_of(fabric.global_rank, fabric.world_size, recipe.batch_size)
    heard_s = recipe.batch_size * recipe.window_s
    enough, stop = why_enough(recipe, standing), False
    steps = range(standing.step, standing.step if enough else recipe.steps)
    with (
        Display(console, recipe.steps, standing.step, heard_s) as display,
        stopped_by_ctrl_c() as stopped,
    ):
        for drawn in batches(train_set, recipe, steps, rows):
            loss, stop = _train_step(run, drawn, standing.step, stopped.is_set())
            standing.step += 1
            standing.losses.append(loss)
            display.trained(standing.step, loss)
            if standing.step % recipe.validate_every == 0 or standing.step == recipe.steps:
                _validate(run, standing, clips, display)
                enough = why_enough(recipe, standing)
            if run.board is not None and (standing.step % recipe.listen_every == 0 or enough):
                best = run.folder / best_voice.FOLDER / run.contents.rooms[0]
                run.board.listen(standing.step, best, run.voice)
            if standing.step % recipe.checkpoint_every == 0 or enough or stop:
                _save(run, standing)
            if enough or stop:
                break
    if stop and not enough:
        display.say(f"stopped after step {standing.step}; go on with --resume")
    else:
        display.say(f"ended after step {standing.step}: {enough}")


def _train_step(run: Run, drawn: Drawn, step: int, asked_to_stop: bool) -> tuple[float, bool]:
    """Loss over the whole batch, and whether any process has been asked to stop."""
    rates = learning_rates(run.recipe, step)
    for group, rate in zip(run.optimizer.param_groups, rates, strict=True):
        group["lr"] = rate
    run.optimizer.zero_grad(set_to_none=True)
    loss = heard_loss(run, run.shared, drawn)
    run.fabric.backward(loss)
    instrument, room = (group["params"] for group in run.optimizer.param_groups)
    length = nn.utils.clip_grad_norm_(instrument, run.recipe.clip_norm)
    length = torch.hypot(length, nn.utils.get_total_norm([taps.grad for taps in room]))
    told = torch.stack((loss.detach(), length, torch.full_like(length, float(asked_to_stop))))
    mean_loss, gradient, asked = over_all(run.fabric, told, "mean").tolist()
    mine = f"-process{run.fabric.global_rank}" if run.fabric.global_rank else ""
    kept = run.folder / f"nan-batch-{step:08d}{mine}.safetensors"
    check_finite(mean_loss, gradient, drawn, run.recipe, step, kept)
    run.optimizer.step()
    if run.board is not None:
        run.board.trained(gradient)
    return mean_loss, asked > 0.0


def heard_loss(run: Run, voice: nn.Module, drawn: Drawn) -> Tensor:
    """Loss of what is heard after the warm-up."""
    inputs, target = run.fabric.to_device(
        (voice_inputs(drawn), torch.from_numpy(drawn.batch.audio))
    )
    audio, _ = voice(inputs)
    heard = slice(run.recipe.warm_up_frames * run.recipe.hop_size, None)
    loss: Tensor = run.loss(audio[:, heard].float(), target[:, heard])
    return loss


def voice_inputs(drawn: Drawn) -> VoiceInputs:
    """The batch as tensors."""
    batch = drawn.batch
    arrays = (batch.f0_hz, batch.loudness_db, drawn.white, batch.room)
    return VoiceInputs(*(torch.from_numpy(array) for array in arrays))


@torch.no_grad()
def validation_loss(run: Run, clips: list[Drawn]) -> float:
    """Mean loss over the clips; the processes share them out."""
    mine = itertools.islice(clips, run.fabric.global_rank, None, run.fabric.world_size)
    with run.fabric.autocast():  # the bare voice: DDP's would wait for processes with more clips
        total = sum(float(heard_loss(run, run.voice, clip)) for clip in mine)
    shared = torch.tensor(total, dtype=torch.float64, device=run.fabric.device)
    return float(over_all(run.fabric, shared, "sum")) / len(clips)


def _validate(run: Run, standing: Standing, clips: list[Drawn], display: Display) -> None:
    """A line for the curve; a new best is saved, to play and to go on with."""
    held_out = validation_loss(run, clips)
    loss = float(np.mean(standing.losses))
    is_best = standing.validated(held_out)
    display.validated(held_out, standing.best)
    if not run.fabric.is_global_zero:
        return
    add_to_curve(run.folder, standing.step, loss, held_out)
    if run.board is not None:
        rates = dict(
            zip(
                ("rate/instrument", "rate/room"),
                learning_rates(run.recipe, standing.step - 1),
                strict=True,
            )
        )
        run.board.scalars(standing.step, {"loss/train": loss, "loss/validation": held_out} | rates)
    if is_best:
        _save(run, standing, is_best=True)
        told = best_voice.provenance_of(
            run.recipe, run.contents, standing.step, held_out, run.started_from
        )
        best_voice.save_rooms(run.folder / best_voice.FOLDER, run.voice, run.contents, told)


def _save(run: Run, standing: Standing, *, is_best: bool = False) -> None:
    if run.fabric.is_global_zero:
        parts = {"voice": run.voice.state_dict(), "optimizer": run.optimizer.state_dict()}
        found = make_checkpoint(standing, run.recipe, run.contents, run.started_from, parts)
        save_checkpoint(run.folder, found, is_best=is_best)
