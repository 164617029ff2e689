"""The curve of a run: `curve.csv`, a line a validation."""

import csv
import time
from pathlib import Path

FILE_NAME = "curve.csv"
HEADINGS = ("step", "loss", "validation_loss", "unix_s")


def add_to_curve(run_dir: Path, step: int, loss: float, validation_loss: float) -> None:
    """Appends a line: loss is the mean over the training steps since the line before."""
    path = run_dir / FILE_NAME
    rows = [] if path.exists() else [HEADINGS]
    rows.append((str(step), f"{loss:.4f}", f"{validation_loss:.4f}", str(round(time.time()))))
    with path.open("a", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)


def rewind_curve(run_dir: Path, step: int) -> None:
    """Forgets what lies after `step`: the run goes on from there."""
    path = run_dir / FILE_NAME
    if not path.exists():
        return
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    kept = [line for line in lines[1:] if int(line.partition(",")[0]) <= step]
    path.write_text("".join(lines[:1] + kept), encoding="utf-8")
