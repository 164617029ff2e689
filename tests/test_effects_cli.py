"""`chanterelle effects`."""

import json

import cli_fixtures
from cli_fixtures import Run, is_one_error_line

from realtime.effects.kinds import KINDS

same_environment, run = cli_fixtures.same_environment, cli_fixtures.run


def test_the_list_names_every_kind(run: Run) -> None:
    code, out, err = run("effects")
    assert (code, err) == (0, "")
    assert [line.split()[0] for line in out.splitlines()] == list(KINDS)


def test_a_kind_shows_what_it_takes(run: Run) -> None:
    out = run("effects", "delay")[1]
    assert "feedback" in out
    assert "ping_pong" in out
    assert "0 to 0.95" in out


def test_json_holds_every_parameter(run: Run) -> None:
    effects = json.loads(run("effects", "--json")[1])["effects"]
    for given in effects:
        names = [parameter["name"] for parameter in given["parameters"]]
        assert names == [control.name for control in KINDS[given["kind"]].parameters]


def test_an_unknown_kind(run: Run) -> None:
    code, out, err = run("effects", "dealy")
    assert (code, out) == (2, "")
    assert is_one_error_line(err)
    assert "did you mean delay?" in err
