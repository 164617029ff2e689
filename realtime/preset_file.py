"""What may stand in a preset's YAML. Whether its names exist is looked up later."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from ddsp_core.trackers import TRAINED_WITH
from realtime.mapping import MidiEntry

MOST_VOICES = 4
"""At the same time: each costs as much as a preset of its own."""

MOST_EFFECTS = 16
"""On each side of the voice."""

STRICT = ConfigDict(extra="forbid", frozen=True, strict=True)

# A title is shown on a terminal, whose control characters move the cursor and worse.
LINE = r"^[^\x00-\x1f\x7f-\x9f]*$"
LINES = r"^[^\x00-\x09\x0b-\x1f\x7f-\x9f]*$"


class PartEntry(BaseModel):
    """A further voice, which plays at the same time."""

    model_config = STRICT

    voice: str = Field(min_length=1, description="the name of a voice or the path of its folder")
    controls: dict[str, Any] = Field(default_factory=dict, description="lines of `NAME: value`")


class EffectEntries(BaseModel):
    """Effects before and after the voices; each kind checks its own lines."""

    model_config = STRICT

    input: tuple[Any, ...] = Field(
        default=(),
        strict=False,
        max_length=MOST_EFFECTS,
        description=f"a list of at most {MOST_EFFECTS} lines such as `- {{kind: gate}}`",
    )
    output: tuple[Any, ...] = Field(
        default=(),
        strict=False,
        max_length=MOST_EFFECTS,
        description=f"a list of at most {MOST_EFFECTS} lines such as `- {{kind: delay}}`",
    )


class PresetFile(BaseModel):
    """What may stand in the file."""

    model_config = STRICT

    voice: str = Field(min_length=1, description="the name of a voice or the path of its folder")
    title: str = Field(default="", max_length=100, pattern=LINE, description="a text")
    colour: str = Field(
        default="", pattern="^#[0-9a-fA-F]{6}$", description='a colour such as "#b5442e", in quotes'
    )
    note: str = Field(default="", max_length=2000, pattern=LINES, description="a text")
    pitch: str = Field(default=TRAINED_WITH, description="the name of a pitch tracker")
    controls: dict[str, Any] = Field(default_factory=dict, description="lines of `NAME: value`")
    also: tuple[PartEntry, ...] = Field(
        default=(),
        strict=False,
        max_length=MOST_VOICES - 1,
        description=f"a list of at most {MOST_VOICES - 1} lines such as `- {{voice: NAME}}`",
    )
    effects: EffectEntries = Field(
        default_factory=EffectEntries, description="two lists, `input:` and `output:`"
    )
    midi: tuple[MidiEntry, ...] = Field(
        default=(),
        strict=False,
        description="a list with lines such as `- {cc: 20, control: NAME}`",
    )
