"""What a page asks for when a take is to be played again; checked, as any page may ask."""

from collections.abc import Mapping
from typing import Any

from ddsp_core.errors import ControlError, PresetError, did_you_mean
from realtime.controls import find_control
from realtime.preset_places import list_presets


def wish_of(said: Mapping[str, Any]) -> dict[str, Any]:
    """Preset (empty: the take's own), controls and as_played.

    Raises:
        PresetError: a preset that is not among those with a name: no paths.
        ControlError: an unknown control, or out of its range.
    """
    preset = str(said.get("preset") or "")
    if preset and preset not in (known := list_presets()):
        raise PresetError("preset", f"no preset {preset!r}", did_you_mean(preset, known))
    asked = said.get("controls") or {}
    if not isinstance(asked, Mapping):
        raise ControlError("controls", "no table", "names and values")
    controls = {str(key): find_control(str(key)).check(value) for key, value in asked.items()}
    return {
        "preset": preset,
        "controls": controls,
        "as_played": bool(said.get("as_played", True)),
    }
