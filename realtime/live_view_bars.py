"""Bars, needles and times as characters."""

import math

FLOOR_DB = -60.0
FULL, EMPTY, HOLD = "▮", "▯", "┃"
NEEDLE, LINE, CENTRE = "▲", "─", "┼"

ASCII = str.maketrans({
    "▮": "#", "▯": ".", "┃": "|", "▲": "^", "─": "-", "┼": "+", "│": "|", "●": "*", "○": "o",
    "♩": "t", "♭": "b", "♯": "#", "…": "~", "→": ">", "←": "<", "↑": "^", "↓": "v", "✓": "=",
    "–": "-",
})  # fmt: skip
"""For terminals without Unicode; every sign is one column wide."""


def level_bar(peak_db: float, hold_db: float, n_cells: int) -> str:
    """A meter from -60 dBFS to 0, with a mark where the loudest of late was.

    >>> level_bar(-30.0, -12.0, 10)
    '▮▮▮▮▮▯▯┃▯▯'
    """
    filled = _cells(peak_db, n_cells)
    bar = FULL * filled + EMPTY * (n_cells - filled)
    place = _cells(hold_db, n_cells) - 1
    return bar[:place] + HOLD + bar[place + 1 :] if place >= filled else bar


def _cells(level_db: float, n_cells: int) -> int:
    if not math.isfinite(level_db):
        return n_cells if level_db > 0.0 else 0
    return min(max(round(n_cells * (1.0 - level_db / FLOOR_DB)), 0), n_cells)


def share_bar(share: float, n_cells: int) -> str:
    """How far a knob is turned, from 0 to 1.

    >>> share_bar(0.4, 10)
    '▮▮▮▮▯▯▯▯▯▯'
    """
    filled = min(max(round(n_cells * share), 0), n_cells)
    return FULL * filled + EMPTY * (n_cells - filled)


def needle(cents: float, n_cells: int) -> str:
    """Where -50 to 50 cents stand on a scale whose middle is in tune; `n_cells` is odd.

    >>> needle(25.0, 9)
    '────┼─▲──'
    """
    middle = n_cells // 2
    scale = LINE * middle + CENTRE + LINE * middle
    place = middle + round(min(max(cents, -50.0), 50.0) / 50.0 * middle)
    return scale[:place] + NEEDLE + scale[place + 1 :]


def clock(seconds: float) -> str:
    """Minutes and seconds of a take; hours if there are some.

    >>> clock(192.4), clock(3792.0)
    ('3:12', '1:03:12')
    """
    minutes, second = divmod(int(seconds), 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours}:{minute:02}:{second:02}" if hours else f"{minute}:{second:02}"


def roughly(seconds: float) -> str:
    """A time in one figure and its unit, not too much of it.

    >>> roughly(30.0), roughly(3000.0), roughly(20000.0)
    ('30 s', '50 min', '5 h')
    """
    for unit_s, unit in ((3600.0, "h"), (60.0, "min")):
        if seconds >= 2 * unit_s:
            return f"{seconds // unit_s:.0f} {unit}"
    return f"{max(seconds, 0.0):.0f} s"
