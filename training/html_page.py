"""A web page in one file: pictures, sounds and style lie inside it, and nothing is fetched.

Texts are escaped; what is HTML already carries the type `Html`, so that the two are not mixed up.
"""

import base64
import html
import io
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np
import soundfile
from numpy.typing import NDArray

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class Html(str):
    """Text that is HTML already."""


STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; color: #222; max-width: 64rem; margin: 2rem auto;
       padding: 0 1rem; }
table { border-collapse: collapse; margin: 1rem 0; display: block; overflow-x: auto; }
th, td { padding: .25rem .75rem; border-bottom: 1px solid #ddd; text-align: left;
         vertical-align: top; }
td.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
img { max-width: 100%; }
audio { height: 2.5rem; vertical-align: middle; }
.warning { background: #fff3d6; border-left: .3rem solid #d99000; padding: .5rem 1rem;
           margin: .5rem 0; }
"""


def page(title: str, body: Iterable[str]) -> str:
    """The whole document; `title` becomes the tab's name and the first heading."""
    name = html.escape(title)
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{name}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<h1>{name}</h1>\n"
        + "\n".join(body)
        + "\n</body>\n</html>\n"
    )


def heading(text: str) -> Html:
    """A heading of a part of the page."""
    return Html(f"<h2>{html.escape(text)}</h2>")


def paragraph(text: str, kind: str = "") -> Html:
    """Plain text; `kind` "warning" puts it in a coloured box."""
    return Html(f'<p class="{html.escape(kind)}">{html.escape(text)}</p>')


def image(figure: "Figure", alt: str) -> Html:
    """A matplotlib figure as PNG inside the page; `alt` says what it shows."""
    png = io.BytesIO()
    figure.savefig(png, format="png", dpi=110, bbox_inches="tight")
    return Html(f'<img alt="{html.escape(alt)}" src="{_data_url("image/png", png.getvalue())}">')


def audio(samples: NDArray[np.float32], sample_rate: int) -> Html:
    """A player for one channel, lossless (FLAC, 16 bits; louder than full scale is clipped).

    Shape:
        samples: (T,), full scale is 1
    """
    flac = io.BytesIO()
    soundfile.write(flac, np.clip(samples, -1.0, 1.0), sample_rate, format="FLAC")
    url = _data_url("audio/flac", flac.getvalue())
    return Html(f'<audio controls preload="metadata" src="{url}"></audio>')


def table(header: Sequence[str], rows: Iterable[Sequence[str | float | Html]]) -> Html:
    """A table; numbers stand to the right, what is no `Html` is escaped."""
    top = "".join(f"<th>{html.escape(name)}</th>" for name in header)
    lines = ["<tr>" + "".join(_cell(value) for value in row) + "</tr>" for row in rows]
    body = "\n".join(lines)
    return Html(f"<table>\n<thead><tr>{top}</tr></thead>\n<tbody>\n{body}\n</tbody>\n</table>")


def _cell(value: str | float | Html) -> str:
    if isinstance(value, int | float):
        return f'<td class="number">{value:.4g}</td>'
    return f"<td>{value if isinstance(value, Html) else html.escape(value)}</td>"


def _data_url(kind: str, content: bytes) -> str:
    return f"data:{kind};base64,{base64.b64encode(content).decode('ascii')}"
