"""The benchmark of switching runs, and what it says is what the issue asks for."""

from benchmarks.switching import as_text, measure


def test_a_quick_run_finds_no_click_and_one_engine_for_one_voice() -> None:
    found = measure(10, quick=True)
    for row in found["clicks"]:
        assert row["worst_changing"] <= 1.1 * row["worst_still"], row["name"]
    assert found["continuity"] == 0.0
    assert abs(found["tail_db"]["after_a_change"] - found["tail_db"]["after_the_singer"]) < 4.0
    lines = as_text(found)
    assert "pre-roll" in lines
    assert "<- used" in lines
