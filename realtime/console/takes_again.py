"""A process of its own: plays a take again, with another preset or other controls, into a file."""

import argparse
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from realtime.console.takes_child import Tell, answer
from realtime.console.takes_sounds import new_again, note_path
from realtime.take_reader import read_take
from realtime.take_revoice import revoice_into


def again(request: Mapping[str, Any], tell: Tell) -> dict[str, Any]:
    """Does it; the sound lies in the take's folder, with a note of how it came to be beside it."""
    take = read_take(Path(request["take"]))
    preset = request["preset"] or None
    out = new_again(take, preset or "again")
    wishes = argparse.Namespace(
        out=out, bits=None, line_up="wet", as_played=bool(request["as_played"])
    )
    done = revoice_into(take, preset, request["controls"], wishes, tell)
    kept = {key: request[key] for key in ("preset", "controls", "as_played")}
    note_path(out).write_text(json.dumps(kept), encoding="utf-8")
    return {"key": out.stem, "realtime_factor": round(done.realtime_factor, 1)}


if __name__ == "__main__":
    sys.exit(answer(again))
