"""Charts of figures: curves over steps, and a matrix as a heat map."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from training.plots import new_figure, plain

Numbers = Sequence[float] | NDArray[np.floating]


def line_chart(
    lines: Mapping[str, tuple[Numbers, Numbers]], x_label: str, y_label: str, *, dots: bool = False
) -> Figure:
    """One line an entry, name -> (x, y); values that are not finite leave a gap.

    Args:
        dots: mark every point, where there are few.
    """
    figure = new_figure(9.0, 5.0)
    axes = figure.add_subplot()
    for name, (x, y) in lines.items():
        axes.plot(x, y, marker="o" if dots else "", linewidth=1.4, label=plain(name))
    axes.set_xlabel(plain(x_label))
    axes.set_ylabel(plain(y_label))
    axes.grid(alpha=0.3)
    if 1 < len(lines) <= 20:
        axes.legend(fontsize="small")
    return figure


def heat_map(
    values: NDArray[np.floating],
    rows: Sequence[str],
    columns: Sequence[str],
    labels: tuple[str, str, str],
    *,
    digits: int = 3,
) -> Figure:
    """A matrix as colours with its numbers on them; what is not finite is left empty.

    Args:
        rows, columns: their names.
        labels: of the rows' axis, of the columns' axis, and of the values.

    Shape:
        (R, C).
    """
    width, height = 3.0 + 1.1 * len(columns), 2.0 + 0.55 * len(rows)
    figure = new_figure(max(width, 5.0), max(height, 3.0))
    axes = figure.add_subplot()
    shown = np.ma.masked_invalid(np.asarray(values, np.float64))
    image = axes.imshow(shown, cmap="viridis_r", aspect="auto")
    middle = 0.5 * (shown.min() + shown.max())
    for (row, column), value in np.ndenumerate(shown.filled(np.nan)):
        text = f"{value:.{digits}f}" if np.isfinite(value) else "none"
        dark = value > middle  # large values are dark, with white numbers on them
        axes.text(column, row, text, ha="center", va="center", color="white" if dark else "black")
    axes.set_xticks(range(len(columns)), [plain(name) for name in columns])
    axes.set_yticks(range(len(rows)), [plain(name) for name in rows])
    axes.set_ylabel(plain(labels[0]))
    axes.set_xlabel(plain(labels[1]))
    figure.colorbar(image, ax=axes, label=plain(labels[2]))
    return figure
