"""When a loss or gradient is no longer a number: what the step heard is kept, to be looked at."""

import json
import math
from pathlib import Path

from safetensors.numpy import save

from ddsp_core.errors import RecipeError
from training.batches import Drawn
from training.recipe import Recipe
from training.whole_files import write_whole


def check_finite(
    loss: float, gradient: float, drawn: Drawn, recipe: Recipe, step: int, path: Path
) -> None:
    """Saves the batch and raises RecipeError where a number is not finite.

    Args:
        loss: over the batch of all processes.
        gradient: its length.
        path: where this process keeps its part of the batch.
    """
    if math.isfinite(loss) and math.isfinite(gradient):
        return
    arrays = {**drawn.batch._asdict(), "white": drawn.white}
    header = {"step": str(step), "recipe": json.dumps(recipe.model_dump(mode="json"))}
    write_whole(path, save(arrays, header))
    given = f"the loss is {loss}, its gradient {gradient} (the batch is kept: {path})"
    todo = (
        "look for sound that is damaged; else begin anew with a lower learning_rate"
        " (--from RUN/voice/ROOM keeps what was learned)"
    )
    raise RecipeError(f"step {step}", given, "finite numbers", todo)
