"""Recipes: those that come along, overrides, and what is said about mistakes."""

import inspect
import math
import re
from importlib.resources import files

import pytest
import torch
import yaml

from ddsp_core.checkpoint import DecoderConfig, VoiceConfig, expected_shapes
from ddsp_core.errors import RecipeError
from ddsp_core.voice import Voice, VoiceInputs
from training.cli import main
from training.losses import SpectralLoss
from training.recipe import LossRecipe, Recipe, describe_recipe, list_recipes, load_recipe

PARAMETERS = {
    "fm_plucked": 174_874,
    "live": 1_231_270,
    "magenta_solo": 4_801_150,
    "notes": 320_806,
    "sinusoidal": 333_706,
    "string_along": 4_821_670,
    "tiny": 243_950,
    "wavetable": 310_538,
}
"""Of each bundled recipe, without its room."""


def voice_config(recipe, reverb_len=None):
    sizes = (recipe.sample_rate, recipe.n_units, recipe.n_harmonics, recipe.n_bands)
    return VoiceConfig(
        DecoderConfig(*sizes), recipe.hop_size, reverb_len or recipe.reverb_len, recipe.synth
    )


@pytest.mark.parametrize("name", list_recipes())
def test_bundled_recipes_describe_a_voice_that_sounds(name):
    recipe = load_recipe(name)
    voice = Voice(voice_config(recipe, 64))
    n_samples = 3 * recipe.hop_size
    inputs = VoiceInputs(
        torch.full((1, 3), 440.0),
        torch.full((1, 3), -20.0),
        torch.zeros(1, n_samples),
        torch.zeros(1, dtype=torch.int64),
    )
    audio, _ = voice(inputs)
    assert audio.shape == (1, n_samples)
    assert float(audio.detach().abs().max()) > 0.0


@pytest.mark.parametrize("name", list_recipes())
def test_number_of_parameters(name):
    shapes = expected_shapes(voice_config(load_recipe(name)))
    sizes = {name: math.prod(shape) for name, shape in shapes.items() if name != "room.taps"}
    assert sum(sizes.values()) == PARAMETERS[name]


def test_every_recipe_says_what_it_is_for(capsys):
    assert main(["recipes"]) == 0
    lines = dict(line.split(maxsplit=1) for line in capsys.readouterr().out.splitlines())
    assert sorted(lines) == list_recipes()
    for name, text in lines.items():
        assert text == describe_recipe(name)
        assert text.endswith(".")


def test_string_along_is_ddsp_pytorchs():
    recipe = load_recipe("string_along")
    assert (recipe.sample_rate, recipe.hop_size, recipe.n_units) == (16000, 160, 512)
    assert (recipe.window_frames, recipe.batch_size) == (400, 16)
    assert recipe.loss.window_sizes == (4096, 2048, 1024, 512, 256, 128)
    assert (recipe.loss.centred, recipe.loss.normalised, recipe.loss.log_floor) == (
        True,
        True,
        1e-7,
    )


def test_magenta_solo_is_magentas():
    recipe = load_recipe("magenta_solo")
    assert recipe.sample_rate / recipe.hop_size == 250.0
    assert (recipe.window_frames, recipe.n_harmonics, recipe.n_bands) == (1000, 60, 65)


def test_every_key_is_obeyed_somewhere():
    """A key that no code reads would promise what is not done."""
    modules = files("training").iterdir()
    texts = [
        path.read_text(encoding="utf-8")
        for path in modules
        if path.name.endswith(".py") and path.name != "recipe.py"
    ]
    code = "\n".join(texts) + inspect.getsource(Recipe.window_frames.fget)
    code += inspect.getsource(Recipe.warm_up_frames.fget)
    for name in Recipe.model_fields:
        assert re.search(rf"\.{name}\b", code), name
    for name in LossRecipe.model_fields:  # handed over as arguments of these names
        assert name in inspect.signature(SpectralLoss).parameters


def test_overrides_win():
    recipe = load_recipe("live", ["steps=7", "loss.window_sizes=[512, 64]", "learning_rate=5e-4"])
    assert (recipe.steps, recipe.loss.window_sizes, recipe.learning_rate) == (7, (512, 64), 5e-4)


def test_seconds_become_frames():
    recipe = load_recipe("live", ["window_s=1.6", "warm_up_s=0.8"])
    assert (recipe.window_frames, recipe.warm_up_frames) == (600, 300)


@pytest.mark.parametrize(
    ("override", "words"),
    [
        ("steps", "key=value"),
        ("step=7", "unknown key 'step': did you mean steps?"),
        ("steps=0", "--set: steps: 0"),
        ("steps=many", "--set: steps: 'many'"),
        ("precision=int8", "--set: precision: 'int8'"),
        ("loss.size=7", "unknown key 'loss.size': did you mean loss.window_sizes?"),
        (
            "window_sizes=[512]",
            "--set: unknown key 'window_sizes': did you mean loss.window_sizes?",
        ),
        ("los.distance=L1", "--set: unknown key 'los.distance': did you mean loss.distance?"),
        ("n_units=7", "--set: n_units: 7: a whole number, 8 to 2048"),
        ("learning_rate=0", "learning_rate: 0: a number, above 0.0, up to 1.0"),
        ("notes_share=2", "notes_share: 2: a number, 0.0 to 1.0, or null"),
        ("level_range_db=[-70, 0]", "level_range_db: -70: a number, -60.0 to 0.0"),
        ("seed=-1", "seed: -1: a whole number, 0 or more, below 4294967296"),
        ("loss.window_sizes=[18]", "18: a whole number, 16 to 16384, a multiple of 4"),
        ("loss=3", "loss: 3: keys of its own: window_sizes"),
        ("synth=organ", "synth: 'organ': 'harmonic', 'sinusoidal' or 'wavetable'"),
        ("loss.window_sizes=[2]", "--set: loss.window_sizes: 2"),
        ("warm_up_s=9", "warm_up_s: 9: shorter than window_s"),
        ("loss.window_sizes=[16384]", "after its warm-up"),
        ("steps=[", "not YAML"),
    ],
)
def test_wrong_overrides_say_what_is_allowed(override, words):
    with pytest.raises(RecipeError) as caught:
        load_recipe("live", ["window_s=0.8", override])
    assert words in str(caught.value)


def test_an_unknown_recipe_lists_the_recipes():
    with pytest.raises(RecipeError, match="did you mean live"):
        load_recipe("lives")


def test_a_file_must_hold_every_key(tmp_path):
    path = tmp_path / "mine.yaml"
    values = load_recipe("live").model_dump(mode="json")
    del values["steps"]
    path.write_text(yaml.safe_dump(values))
    with pytest.raises(RecipeError, match=r"mine\.yaml: steps: it is missing"):
        load_recipe(str(path))


def test_a_file_that_is_no_mapping(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text("- steps")
    with pytest.raises(RecipeError, match="a list: lines of"):
        load_recipe(str(path))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"steps: 1\nsteps: 2", "line 2: not YAML (the key 'steps' stands twice)"),
        (b"a: &a [1]\nb: *a", "line 2: not YAML (an alias (*) is not allowed)"),
        (b"steps: \xff", "line 1: not UTF-8"),
        (b"# " + 70_000 * b"x", "larger than 64 KiB"),
        (b"steps: 2026-13-45", "not YAML"),
        (b"[" * 5000, "not YAML"),
        (b"1: 2", "lines of `key: value`"),
    ],
)
def test_files_that_are_no_recipe(tmp_path, content, words):
    path = tmp_path / "mine.yaml"
    path.write_bytes(content)
    with pytest.raises(RecipeError) as caught:
        load_recipe(str(path))
    assert words in str(caught.value)
    assert str(path) in str(caught.value)
