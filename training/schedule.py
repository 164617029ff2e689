"""Learning rates by step: functions of it, so that a run that goes on needs no memory of them."""

from training.recipe import Recipe


def learning_rates(recipe: Recipe, step: int) -> tuple[float, float]:
    """Of the instrument and of the room."""
    rate = decay(recipe, step)
    return recipe.learning_rate * rate, recipe.room_learning_rate * rate


def decay(recipe: Recipe, step: int) -> float:
    """Factor on the learning rates at `step`."""
    periods = step / recipe.decay_steps
    return float(recipe.decay_factor ** (int(periods) if recipe.decay_staircase else periods))
