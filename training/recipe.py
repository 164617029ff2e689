"""How a voice is trained: a strict YAML file, `recipes/<name>.yaml`, with `key=value` overrides."""

from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ddsp_core.errors import RecipeError, did_you_mean
from training.recipe_errors import explained
from training.strict_yaml import LINES, parse_yaml, read_yaml

Weight = Annotated[float, Field(ge=0.0, le=1000.0)]
Window = Annotated[int, Field(ge=16, le=16384, multiple_of=4)]


class LossRecipe(BaseModel):
    """Options of the multi-scale spectral loss; see losses.py for what each means."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    window_sizes: Annotated[tuple[Window, ...], Field(min_length=1)]
    distance: Literal["L1", "L2", "COSINE"]
    magnitude_weight: Weight
    log_magnitude_weight: Weight
    delta_time_weight: Weight
    delta_frequency_weight: Weight
    cumulative_frequency_weight: Weight
    loudness_weight: Weight
    log_floor: Annotated[float, Field(gt=0.0, le=1.0)]
    """Added to magnitudes before the logarithm: below it everything is equally silent."""
    centred: bool
    """Frames centred on their time with reflected edges, as ddsp_pytorch; else whole frames."""
    normalised: bool
    """Magnitudes divided by the square root of the window size, as ddsp_pytorch."""


class Recipe(BaseModel):
    """All that decides what a training run makes. No defaults: they stand in the YAML."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    source: Literal["recordings", "fm_plucked"]
    """Where the sound comes from: a prepared dataset, or synthetic tones (synthetic.py)."""
    sample_rate: Annotated[int, Field(ge=8000, le=192000)]
    hop_size: Annotated[int, Field(ge=16, le=1024)]

    synth: Literal["harmonic", "sinusoidal", "wavetable"]
    n_units: Annotated[int, Field(ge=8, le=2048)]
    n_harmonics: Annotated[int, Field(ge=1, le=256)]
    """Partials: harmonics, free sinusoids, or harmonics of the wavetable."""
    n_bands: Annotated[int, Field(ge=2, le=513)]
    reverb_len: Annotated[int, Field(ge=1, le=960_000)]
    """Samples of every room's learned impulse response, which falls by 60 dB over them."""

    window_s: Annotated[float, Field(gt=0.0, le=60.0)]
    warm_up_s: Annotated[float, Field(ge=0.0, le=30.0)]
    """Start of each window that is heard by the GRU and the room but not by the loss."""
    batch_size: Annotated[int, Field(ge=1, le=1024)]
    """Windows a step, over all devices and machines together."""
    notes_share: Annotated[float, Field(ge=0.0, le=1.0)] | None
    """Share of the windows from folders of single notes; null: as their time."""
    level_range_db: tuple[
        Annotated[float, Field(ge=-60.0, le=0.0)], Annotated[float, Field(ge=0.0, le=20.0)]
    ]
    """Half of the windows are played louder or softer by a gain from this range."""
    pitch_range_semitones: Annotated[float, Field(ge=0.0, le=12.0)]
    """Windows are played faster or slower, and so higher or lower, by up to this."""
    loss: LossRecipe

    steps: Annotated[int, Field(ge=1, le=10_000_000)]
    learning_rate: Annotated[float, Field(gt=0.0, le=1.0)]
    room_learning_rate: Annotated[float, Field(gt=0.0, le=1.0)]
    """Adam moves every tap by about this a step, needed or not: smaller keeps tails clean."""
    decay_factor: Annotated[float, Field(gt=0.0, le=1.0)]
    """Factor on the learning rates over `decay_steps` steps."""
    decay_steps: Annotated[int, Field(ge=1)]
    decay_staircase: bool
    """At once every `decay_steps` steps (StepLR), or a little at every step (exponential)."""
    clip_norm: Annotated[float, Field(gt=0.0, le=1e6)]
    """Longest gradient of the decoder."""
    stop_below_loss: Annotated[float, Field(ge=0.0)] | None
    """Enough: validation loss at which training ends. null: never."""
    patience: Annotated[int, Field(ge=1)] | None
    """Validations without a new best after which training ends. null: never."""
    seed: Annotated[int, Field(ge=0, lt=2**32)]
    precision: Literal["bf16-mixed", "32-true"]
    compile: bool
    """torch.compile for the decoder and the loss, on a GPU."""

    checkpoint_every: Annotated[int, Field(ge=1)]
    validate_every: Annotated[int, Field(ge=1)]
    listen_every: Annotated[int, Field(ge=1)]
    """Steps between audio and plots for TensorBoard."""

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
        _put(values, key, parse_yaml(text, f"--set {key}"))
        where[key] = "--set"
    return _check(values, where, str(path))


def describe_recipe(name: str) -> str:
    """The first comment of a recipe that comes along, which says what it is for."""
    first, *_ = _find(name).read_text(encoding="utf-8").splitlines()
    return first.removeprefix("#").strip()


def list_recipes() -> list[str]:
    """Names of the recipes that come along."""
    names = (entry.name for entry in files("training").joinpath("recipes").iterdir())
    return sorted(name.removesuffix(".yaml") for name in names if name.endswith(".yaml"))


def _put(values: dict[str, Any], key: str, value: Any) -> None:
    """Sets a value; `loss.distance` reaches into `loss`."""
    outer, _, inner = key.partition(".")
    if not inner:
        values[key] = value
        return
    inside = values.get(outer)
    values[outer] = {**(inside if isinstance(inside, dict) else {}), inner: value}


def _find(name_or_path: str) -> Path:
    if name_or_path in list_recipes():
        return Path(str(files("training").joinpath("recipes", f"{name_or_path}.yaml")))
    path = Path(name_or_path)
    if path.suffix in {".yaml", ".yml"} and path.is_file():
        return path
    known = did_you_mean(name_or_path, list_recipes())
    raise RecipeError("recipe", f"no recipe {name_or_path!r}", "a name or a YAML file", known)


def _read(path: Path) -> dict[str, Any]:
    values = read_yaml(path)
    if not isinstance(values, dict) or not all(isinstance(key, str) for key in values):
        raise RecipeError(str(path), f"a {type(values).__name__}", LINES)
    return values


def _check(values: dict[str, Any], where: dict[str, str], path: str) -> Recipe:
    try:
        recipe = Recipe.model_validate(values)
    except ValidationError as error:
        schema = Recipe.model_json_schema()
        raise explained(error.errors()[0], where, path, schema) from None
    if recipe.warm_up_frames >= recipe.window_frames:
        given = f"{recipe.warm_up_s:g}"
        allowed = f"shorter than window_s, {recipe.window_s:g}"
        raise RecipeError(f"{where.get('warm_up_s', path)}: warm_up_s", given, allowed)
    heard = (recipe.window_frames - recipe.warm_up_frames) * recipe.hop_size
    longest = max(recipe.loss.window_sizes)
    if heard < longest:
        allowed = f"at most {heard} samples, what a window has after its warm-up"
        place = f"{where.get('loss.window_sizes', path)}: loss.window_sizes"
        raise RecipeError(place, f"{longest}", allowed)
    return recipe
