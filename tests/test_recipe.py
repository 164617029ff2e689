import pytest
import yaml

from ddsp_core.errors import RecipeError
from training.recipe import Recipe, list_recipes, load_recipe


@pytest.mark.parametrize("name", list_recipes())
def test_bundled_recipes_load(name):
    assert isinstance(load_recipe(name), Recipe)


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
        ("loss.size=7", "unknown key 'loss.size'"),
        ("los.size=7", "did you mean loss"),
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
