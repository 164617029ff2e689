"""The training loop, to be read from top to bottom.

A run folder holds `recipe.json`, `curve.csv` (step, loss, validation loss), `checkpoint.pt`
(weights, optimizer, step) and `voice/` (the best by validation so far, ready to play). What a step
sees depends on seed and step number alone, so a run that was stopped goes on as if it had not been.
"""

import json
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from torch import Tensor

from ddsp_core.checkpoint import (
    FILE_NAME,
    DecoderConfig,
    VoiceConfig,
    VoiceFile,
    save_voice,
)
from ddsp_core.errors import RecipeError
from ddsp_core.scaling import InputScaling
from ddsp_core.units import hz_to_midi
from ddsp_core.voice import Voice, VoiceInputs
from training.augmentation import Batch
from training.curve import add_to_curve, rewind_curve
from training.dataset import Dataset
from training.index import Index
from training.losses import SpectralLoss
from training.recipe import Recipe
from training.stopping import stopped_by_ctrl_c

VALIDATION_CLIPS = 24
RESERVED_FOR_VALIDATION = 2**31
"""Noise of validation batches is drawn from seeds above any training step."""


class Run(NamedTuple):
    """Everything that a step needs."""

    recipe: Recipe
    contents: Index
    voice: Voice
    optimizer: torch.optim.Adam
    loss: SpectralLoss


def train(recipe: Recipe, dataset_path: Path, run_dir: Path, resume: bool) -> None:
    """Trains a voice; Ctrl-C ends after the step in hand, and saves it.

    Raises:
        RecipeError: dataset of another sample rate or hop, a run folder in use, a checkpoint of
            another recipe, a loss that is not finite.
    """
    train_set = Dataset(
        dataset_path,
        "train",
        recipe.notes_share,
        recipe.level_range_db,
        recipe.pitch_range_semitones,
    )
    validation_set = Dataset(dataset_path, "validation")
    run = _new_run(recipe, train_set.index, dataset_path)
    first_step, best = _start_or_resume(run, run_dir, resume)
    with _progress() as bar, stopped_by_ctrl_c() as stopped:
        task = bar.add_task(
            "training", total=recipe.steps, completed=first_step, loss=0.0, best=best
        )
        losses: list[float] = []
        for step in range(first_step, recipe.steps):
            batch = train_set.batch(step, recipe.seed, recipe.batch_size, recipe.window_frames)
            losses.append(_train_step(run, batch, step))
            bar.update(task, advance=1, loss=float(np.mean(losses[-100:])), best=best)
            done, last = step + 1, step + 1 == recipe.steps
            if done % recipe.validate_every == 0 or last:
                held_out = validation_loss(run, validation_set)
                add_to_curve(run_dir, done, float(np.mean(losses)), held_out)
                losses.clear()
                if held_out < best:
                    best = held_out
                    _export_all_rooms(run, run_dir, done, best)
            if done % recipe.checkpoint_every == 0 or last or stopped.is_set():
                _save_checkpoint(run, run_dir, done, best)
            if stopped.is_set():
                break
    if stopped.is_set():
        Console().print(f"stopped after step {done}; go on with --resume")


def _train_step(run: Run, batch: Batch, step: int) -> float:
    rate = decay(run.recipe, step)
    run.optimizer.param_groups[0]["lr"] = run.recipe.learning_rate * rate
    run.optimizer.param_groups[1]["lr"] = run.recipe.room_learning_rate * rate
    run.optimizer.zero_grad(set_to_none=True)
    loss = _batch_loss(run, batch, noise_seed=step)
    if not torch.isfinite(loss):
        raise RecipeError(
            f"step {step}", f"the loss is {loss.item()}", "a finite loss", "lower the learning rate"
        )
    loss.backward()  # type: ignore[no-untyped-call]
    torch.nn.utils.clip_grad_norm_(run.voice.decoder.parameters(), run.recipe.clip_norm)
    run.optimizer.step()
    return float(loss.item())


def decay(recipe: Recipe, step: int) -> float:
    """Factor on the learning rates at `step`."""
    periods = step / recipe.decay_steps
    return float(recipe.decay_factor ** (int(periods) if recipe.decay_staircase else periods))


def _batch_loss(run: Run, batch: Batch, noise_seed: int) -> Tensor:
    """Loss of what is heard after the warm-up."""
    inputs = voice_inputs(batch, noise_seed)
    with torch.autocast("cpu", dtype=torch.bfloat16, enabled=run.recipe.precision == "bf16-mixed"):
        audio, _ = run.voice(inputs)
    heard = slice(run.recipe.warm_up_frames * run.recipe.hop_size, None)
    loss: Tensor = run.loss(audio[:, heard].float(), torch.from_numpy(batch.audio)[:, heard])
    return loss


def voice_inputs(batch: Batch, noise_seed: int) -> VoiceInputs:
    """The batch as tensors, with its white noise."""
    white = np.random.default_rng((noise_seed, 1)).random(batch.audio.shape, dtype=np.float32)
    return VoiceInputs(
        torch.from_numpy(batch.f0_hz),
        torch.from_numpy(batch.loudness_db),
        torch.from_numpy(2.0 * white - 1.0),
        torch.from_numpy(batch.room),
    )


@torch.no_grad()
def validation_loss(run: Run, dataset: Dataset) -> float:
    """Mean loss over clips spread evenly over the held-out stretches, the same each time."""
    clips = list(dataset.clips(2.0, run.recipe.warm_up_s))
    clips = clips[:: max(1, len(clips) // VALIDATION_CLIPS)]
    losses = [
        float(_batch_loss(run, clip.batch, RESERVED_FOR_VALIDATION + n))
        for n, clip in enumerate(clips)
    ]
    return float(np.mean(losses))


def _new_run(recipe: Recipe, index: Index, dataset_path: Path) -> Run:
    if (recipe.sample_rate, recipe.hop_size) != (index.sample_rate, index.hop_size):
        given = f"{index.sample_rate} Hz, hop {index.hop_size}"
        allowed = f"{recipe.sample_rate} Hz, hop {recipe.hop_size}, as the recipe says"
        raise RecipeError(str(dataset_path), given, allowed, "prepare the dataset again")
    torch.manual_seed(recipe.seed)
    voice = Voice(voice_config(recipe, index), len(index.rooms))
    groups = [
        {"params": list(voice.decoder.parameters()), "lr": recipe.learning_rate},
        {"params": list(voice.room.parameters()), "lr": recipe.room_learning_rate},
    ]
    return Run(
        recipe, index, voice, torch.optim.Adam(groups), SpectralLoss(recipe.loss.window_sizes)
    )


def voice_config(recipe: Recipe, index: Index) -> VoiceConfig:
    """Sizes from the recipe, input scaling from the training set."""
    stats = index.statistics
    notes = {key: float(hz_to_midi(hz)) for key, hz in stats.f0_quantiles_hz.items()}
    pitch = InputScaling(notes["50"], 12.0, notes["1"] - 1.0, notes["99"] + 3.0)
    loudness = InputScaling(
        stats.loudness_mean_db,
        max(stats.loudness_deviation_db, 1.0),
        stats.loudness_quantiles_db["50"] - 60.0,
        stats.loudness_quantiles_db["100"],
    )
    decoder = DecoderConfig(
        recipe.sample_rate, recipe.n_units, recipe.n_harmonics, recipe.n_bands, pitch, loudness
    )
    return VoiceConfig(decoder, recipe.hop_size, recipe.reverb_len)


def _start_or_resume(run: Run, run_dir: Path, resume: bool) -> tuple[int, float]:
    """First step and best validation loss so far."""
    checkpoint = run_dir / "checkpoint.pt"
    if not resume:
        if checkpoint.exists():
            todo = "go on with --resume, or choose another --out"
            raise RecipeError(str(run_dir), "a run lives here already", "an empty folder", todo)
        run_dir.mkdir(parents=True, exist_ok=True)
        (run_dir / "recipe.json").write_text(run.recipe.model_dump_json(indent=1), encoding="utf-8")
        return 0, float("inf")
    if not checkpoint.is_file():
        raise RecipeError(
            str(checkpoint), "no such file", "a run to go on with", "leave --resume out"
        )
    saved = torch.load(checkpoint, weights_only=True)
    _check_recipe(checkpoint, json.loads(saved["recipe"]), run.recipe.model_dump(mode="json"))
    run.voice.load_state_dict(saved["voice"])
    run.optimizer.load_state_dict(saved["optimizer"])
    rewind_curve(run_dir, int(saved["step"]))
    return int(saved["step"]), float(saved["best"])


def _check_recipe(where: Path, saved: dict[str, object], now: dict[str, object]) -> None:
    may_change = {"steps", "checkpoint_every", "validate_every"}
    differing = [k for k in now if k not in may_change and saved.get(k) != now[k]]
    if differing:
        given = ", ".join(f"{key} was {saved.get(key)}, is {now[key]}" for key in differing)
        raise RecipeError(str(where), given, "the recipe that the run began with")


def _save_checkpoint(run: Run, run_dir: Path, step: int, best: float) -> None:
    """Written beside the old one and moved over it: a crash or a full disk leaves the old one."""
    state = {
        "recipe": run.recipe.model_dump_json(),
        "voice": run.voice.state_dict(),
        "optimizer": run.optimizer.state_dict(),
        "step": step,
        "best": best,
    }
    partial = run_dir / "checkpoint.partial"
    torch.save(state, partial)
    partial.replace(run_dir / "checkpoint.pt")


def _export_all_rooms(run: Run, run_dir: Path, step: int, held_out: float) -> None:
    """One playable voice folder a room: `voice/<room>/voice.safetensors`."""
    for room, name in enumerate(run.contents.rooms):
        tensors = {key: value.numpy() for key, value in run.voice.state_dict().items()}
        tensors["room.taps"] = tensors["room.taps"][room : room + 1]
        provenance = {
            "recipe": run.recipe.model_dump(mode="json"),
            "room": name,
            "steps": step,
            "held_out_loss": round(held_out, 4),
            "recordings": [e.name for e in run.contents.recordings if e.kind == "phrases"],
            "notes": sum(e.kind == "notes" for e in run.contents.recordings),
        }
        statistics = run.contents.statistics.model_dump(mode="json")
        folder = run_dir / "voice" / name
        folder.mkdir(parents=True, exist_ok=True)
        file = VoiceFile(run.voice.config, run.contents.definition, statistics, provenance, tensors)
        save_voice(folder / FILE_NAME, file)


def _progress() -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed}/{task.total}"),
        TextColumn("loss {task.fields[loss]:.3f}, best held out {task.fields[best]:.3f}"),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(elapsed_when_finished=True),
    )
