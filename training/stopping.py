"""When a run ends before its last step: Ctrl-C, or because it is good enough, or gets no better."""

import contextlib
import signal
import threading
from collections.abc import Iterator

from training.checkpoints import Standing
from training.recipe import Recipe


@contextlib.contextmanager
def stopped_by_ctrl_c() -> Iterator[threading.Event]:
    """Inside, Ctrl-C and SIGTERM set the event. Outside the main thread they stay as they are."""
    stopped = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield stopped
        return
    numbers = (signal.SIGINT, signal.SIGTERM)
    before = [signal.signal(number, lambda *_: stopped.set()) for number in numbers]
    try:
        yield stopped
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)


def why_enough(recipe: Recipe, standing: Standing) -> str | None:
    """Why training ends now, or None where it goes on."""
    if standing.step >= recipe.steps:
        return "all steps done"
    if recipe.stop_below_loss is not None and standing.best < recipe.stop_below_loss:
        return (
            f"validation loss {standing.best:.3f} is below stop_below_loss, "
            f"{recipe.stop_below_loss:g}"
        )
    if recipe.patience is not None and standing.stale >= recipe.patience:
        return f"no better in {standing.stale} validations (patience)"
    return None
