"""TensorBoard's log of a run, in RUN/board: curves of figures, and what the voice sounds like.

`tensorboard --logdir RUN` shows it. Nothing here may stop or change a training: what fails becomes
a line of warning, and the voice and every random state stay as they were.
"""

import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch.utils.tensorboard import SummaryWriter

from ddsp_core.checkpoint import FILE_NAME
from ddsp_core.voice import Voice
from training.dataset import Clip, Dataset
from training.listening import (
    Heard,
    fixed_clips,
    hear_resynthesis,
    hear_singing,
    pictures,
    rooms,
)
from training.plots import impulse_response, pixels
from training.recipe import Recipe
from training.sung_clips import SungClip, sung_clips

FOLDER = "board"


class Board:
    """Writes the log of one run; a run that goes on continues it.

    Args:
        run_dir: the run's folder.
        dataset_path: its held-out clips are listened to.
        recipe: stands in the log as text.
        first_step: steps done so far; what an earlier start logged after them is dropped.
        say: told of what could not be logged.
        clock: seconds.
    """

    def __init__(
        self,
        run_dir: Path,
        dataset_path: Path,
        recipe: Recipe,
        first_step: int = 0,
        say: Callable[[str], None] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._say = say or (lambda text: print(text, file=sys.stderr))
        self._dataset_path = dataset_path
        self._material: tuple[list[Clip], list[SungClip], list[str]] | None = None
        self._has_given: set[str] = set()
        self._clock = clock
        self._last_s: float | None = None
        self._steps_s: list[float] = []
        self._gradients: list[float] = []
        self._writer = SummaryWriter(str(run_dir / FOLDER), purge_step=first_step + 1)
        with self._going_on("recipe"):
            self._writer.add_text("recipe", f"```\n{recipe.model_dump_json(indent=1)}\n```", 0)

    def trained(self, gradient_norm: float) -> None:
        """Takes note of a training step; the next `scalars` tells of all since the last."""
        now_s = self._clock()
        if self._last_s is not None:
            self._steps_s.append(now_s - self._last_s)
        self._last_s = now_s
        self._gradients.append(gradient_norm)

    def scalars(self, step: int, values: Mapping[str, float]) -> None:
        """Figures of a step; names with one slash, as `loss/train`, are grouped by its left."""
        with self._going_on("figures"):
            for name, value in (dict(values) | self._of_training()).items():
                self._writer.add_scalar(name, value, step)
            self._writer.flush()

    def _of_training(self) -> dict[str, float]:
        """Mean gradient and speed since the last time; validating and listening do not count."""
        found = {}
        if self._gradients:
            found["gradient/norm"] = float(np.mean(self._gradients))
        if self._steps_s:
            found["speed/steps_per_s"] = 1.0 / max(float(np.mean(self._steps_s)), 1e-9)
        self._gradients, self._steps_s, self._last_s = [], [], None
        return found

    def listen(self, step: int, voice_dir: Path, voice: Voice) -> None:
        """Sounds and pictures of a step.

        Args:
            voice_dir: the best voice so far, ready to play; it sings live once it is there.
            voice: as it is now.
        """
        self._last_s = None
        with self._going_on("clips to listen to"):
            clips, singing, names = self._get_material()
            with self._going_on("resynthesis"):
                for heard in hear_resynthesis(clips, voice):
                    self._add(step, heard)
            for sung in singing if (voice_dir / FILE_NAME).is_file() else ():
                with self._going_on(f"live rendering of {sung.name}"):
                    self._add(step, hear_singing(sung, voice_dir))
            with self._going_on("rooms"):
                for name, response in zip(names, rooms(voice), strict=True):
                    self._add_room(step, name, response, voice.config.sample_rate)
            self._writer.flush()

    def close(self) -> None:
        """Writes what is left and closes the log."""
        with self._going_on("end of the log"):
            self._writer.close()

    def _get_material(self) -> tuple[list[Clip], list[SungClip], list[str]]:
        """Clips, singing and names of rooms; read once, when they are first listened to."""
        if self._material is None:
            dataset = Dataset(self._dataset_path, "validation")
            self._material = fixed_clips(dataset), sung_clips(dataset.index), dataset.rooms
        return self._material

    def _add(self, step: int, heard: Heard) -> None:
        """Both sounds (the given one once, since it stays) and their pictures."""
        if heard.name not in self._has_given:
            self._add_sound(f"{heard.name}/given", heard.given, step, heard.sample_rate)
            self._has_given.add(heard.name)
        self._add_sound(f"{heard.name}/played", heard.played, step, heard.sample_rate)
        for name, figure in pictures(heard).items():
            self._add_picture(f"{heard.name}/{name}", pixels(figure), step)

    def _add_room(
        self, step: int, name: str, response: NDArray[np.float32], sample_rate: int
    ) -> None:
        clap = response.copy()
        clap[0] += 1.0  # the direct sound
        self._add_sound(f"room/{name}", clap, step, sample_rate)
        picture = pixels(impulse_response(response, sample_rate, f"room of {name}"))
        self._add_picture(f"room/{name}", picture, step)

    def _add_sound(self, tag: str, audio: NDArray[np.float32], step: int, sample_rate: int) -> None:
        sound = torch.from_numpy(np.clip(audio, -1.0, 1.0)[None])
        self._writer.add_audio(tag, sound, step, sample_rate)

    def _add_picture(self, tag: str, picture: NDArray[np.uint8], step: int) -> None:
        self._writer.add_image(tag, picture, step, dataformats="HWC")

    @contextmanager
    def _going_on(self, what: str) -> Iterator[None]:
        """Whatever goes wrong with the log is not worth a training."""
        try:
            yield
        except Exception as error:
            self._say(f"warning: TensorBoard goes without {what}: {error}")
