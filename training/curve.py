"""The curve of a run: `curve.csv`, a line a validation."""

import csv
import time
from pathlib import Path

from training.whole_files import saving, write_whole

FILE_NAME = "curve.csv"
HEADINGS = ("step", "loss", "validation_loss", "unix_s")


def add_to_curve(run_dir: Path, step: int, loss: float, validation_loss: float) -> None:
    """Appends a line: loss is the mean over the training steps since the line before."""
    path = run_dir / FILE_NAME
    rows = [] if path.exists() else [HEADINGS]
    rows.append((str(step), f"{loss:.4f}", f"{validation_loss:.4f}", str(round(time.time()))))
    with saving(path), path.open("a", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)


def rewind_curve(run_dir: Path, step: int) -> None:
    """Forgets what lies after `step`, and a line that was cut short: the run goes on from there."""
    path = run_dir / FILE_NAME
    if not path.exists():
        return
    heading, *lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    whole = [line for line in lines if line.endswith("\n") and line.count(",") == len(HEADINGS) - 1]
    kept = [line for line in whole if int(line.partition(",")[0]) <= step]
    write_whole(path, "".join([heading, *kept]).encode())
