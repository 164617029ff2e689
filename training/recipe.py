"""How a voice is trained: a strict YAML file, `recipes/<name>.yaml`, with `key=value` overrides."""

from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ddsp_core.errors import RecipeError, did_you_mean


class Recipe(BaseModel):
    """All that decides what a training run makes. No defaults: they stand in the YAML."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    sample_rate: Annotated[int, Field(ge=8000, le=192000)]
    hop_size: Annotated[int, Field(ge=16, le=1024)]

    n_units: Annotated[int, Field(ge=8, le=2048)]
    n_harmonics: Annotated[int, Field(ge=1, le=256)]
    n_bands: Annotated[int, Field(ge=2, le=513)]
    reverb_len: Annotated[int, Field(ge=1, le=960_000)]
    """Samples of every room's learned impulse response, which falls by 60 dB over them."""

    window_s: Annotated[float, Field(gt=0.0, le=60.0)]
    warm_up_s: Annotated[float, Field(ge=0.0, le=30.0)]
    """Start of each window that is heard by the GRU and the room but not by the loss."""
    batch_size: Annotated[int, Field(ge=1, le=1024)]
    notes_share: Annotated[float, Field(ge=0.0, le=1.0)] | None
    """Share of the windows from folders of single notes; null: as their time."""
    loss_windows: Annotated[tuple[Annotated[int, Field(ge=16, le=16384)], ...], Field(min_length=1)]

    steps: Annotated[int, Field(ge=1, le=10_000_000)]
    learning_rate: Annotated[float, Field(gt=0.0, le=1.0)]
    room_learning_rate: Annotated[float, Field(gt=0.0, le=1.0)]
    """Adam moves every tap by about this a step, needed or not: smaller keeps tails clean."""
    decay_per_10k_steps: Annotated[float, Field(gt=0.0, le=1.0)]
    """Factor on the learning rate, applied a little at every step."""
    seed: Annotated[int, Field(ge=0, lt=2**32)]
    amp: Literal["bf16", "fp32"]

    checkpoint_every: Annotated[int, Field(ge=1)]
    validate_every: Annotated[int, Field(ge=1)]

    @property
    def window_frames(self) -> int:
        """Frames a window."""
        return round(self.window_s * self.sample_rate / self.hop_size)

    @property
    def warm_up_frames(self) -> int:
        """Frames of the window without loss."""
        return round(self.warm_up_s * self.sample_rate / self.hop_size)


def load_recipe(name_or_path: str, overrides: Sequence[str] = ()) -> Recipe:
    """The recipe of that name (or YAML file), with `key=value` overrides.

    Raises:
        RecipeError: unknown recipe or key, a value that does not fit.
    """
    path = _find(name_or_path)
    values = _read(path)
    where = dict.fromkeys(values, str(path))
    for override in overrides:
        key, separator, text = override.partition("=")
        if not separator:
            raise RecipeError("--set", repr(override), "key=value, as in steps=20000")
        values[key] = _parse(text, f"--set {key}")
        where[key] = "--set"
    return _check(values, where, str(path))


def list_recipes() -> list[str]:
    """Names of the recipes that come along."""
    names = (entry.name for entry in files("training").joinpath("recipes").iterdir())
    return sorted(name.removesuffix(".yaml") for name in names if name.endswith(".yaml"))


def _find(name_or_path: str) -> Path:
    if name_or_path in list_recipes():
        return Path(str(files("training").joinpath("recipes", f"{name_or_path}.yaml")))
    path = Path(name_or_path)
    if path.suffix in {".yaml", ".yml"} and path.is_file():
        return path
    known = did_you_mean(name_or_path, list_recipes())
    raise RecipeError("recipe", f"no recipe {name_or_path!r}", "a name or a YAML file", known)


def _read(path: Path) -> dict[str, Any]:
    values = _parse(path.read_text(encoding="utf-8"), str(path))
    if not isinstance(values, dict) or not all(isinstance(key, str) for key in values):
        raise RecipeError(str(path), f"a {type(values).__name__}", "lines of `key: value`")
    return values


def _parse(text: str, where: str) -> Any:
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        problem = str(error).splitlines()[0]
        raise RecipeError(where, f"not YAML ({problem})", "lines of `key: value`") from None


def _check(values: dict[str, Any], where: dict[str, str], path: str) -> Recipe:
    unknown = [key for key in values if key not in Recipe.model_fields]
    if unknown:
        known = did_you_mean(unknown[0], Recipe.model_fields)
        raise RecipeError(where[unknown[0]], f"unknown key {unknown[0]!r}", known)
    try:
        recipe = Recipe.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        key = str(first["loc"][0])
        given = "it is missing" if first["type"] == "missing" else repr(first["input"])
        raise RecipeError(f"{where.get(key, path)}: {key}", given, first["msg"]) from None
    if recipe.warm_up_frames >= recipe.window_frames:
        given = f"{recipe.warm_up_s:g}"
        allowed = f"shorter than window_s, {recipe.window_s:g}"
        raise RecipeError(f"{where.get('warm_up_s', path)}: warm_up_s", given, allowed)
    heard = (recipe.window_frames - recipe.warm_up_frames) * recipe.hop_size
    if heard < max(recipe.loss_windows):
        allowed = f"at most {heard} samples, what a window has after its warm-up"
        place = f"{where.get('loss_windows', path)}: loss_windows"
        raise RecipeError(place, f"{max(recipe.loss_windows)}", allowed)
    return recipe
