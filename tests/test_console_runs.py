"""The page of training runs in a browser: curves are drawn, follow, and are told apart."""

import json

import pytest
from playwright.sync_api import expect
from rig.browser import page_of, serious_faults
from rig.run_files import HEADING, sound

pytestmark = pytest.mark.browser

INK = """canvas => {
  const data = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
  let n = 0;
  for (let i = 3; i < data.length; i += 4) n += data[i] > 200;
  return n;
}"""


def make_run(folder, seed, lines):
    (folder / "board").mkdir(parents=True)
    (folder / "recipe.json").write_text(json.dumps({"seed": seed, "steps": 900}))
    (folder / "curve.csv").write_text(HEADING + "".join(lines))
    log = sound(1, "held_out_1/given") + sound(200, "held_out_1/played")
    (folder / "board" / "events.out.tfevents.1").write_bytes(log)


def line(step):
    return f"{step},{5 + 100 / step:.4f},{6 + 200 / step:.4f},{1000 + step}\n"


def test_curves_are_drawn_and_follow_and_sounds_are_heard(browser, a_studio):
    for seed, name in enumerate(("alto", "bass"), start=1):
        make_run(a_studio.runs / name, seed, [line(step) for step in range(100, 600, 100)])
    with page_of(browser) as page:
        page.goto(a_studio.address.replace("/?", "/runs?"))
        page.get_by_label("bass").check()
        expect(page.locator(".rn-key")).to_have_count(4)
        assert page.locator(".rn-canvas").evaluate(INK) > 500
        expect(page.get_by_role("row", name="seed 1 2")).to_be_visible()
        expect(page.get_by_role("row", name="steps")).to_have_count(0)
        assert serious_faults(page) == []

        # One trains on: what is written is seen.
        key = page.get_by_role("button", name="alto, held out")
        expect(key).to_contain_text("6.4")
        with (a_studio.runs / "alto" / "curve.csv").open("a") as file:
            file.write(line(800))
        expect(key).to_contain_text("6.25")

        # Read off by the keyboard, and hidden.
        page.locator(".rn-canvas").focus()
        page.keyboard.press("ArrowLeft")
        page.keyboard.press("ArrowLeft")
        expect(page.get_by_text("at step 500", exact=True)).to_be_visible()
        expect(key).to_contain_text("6.4")
        key.click()
        expect(key).to_have_attribute("aria-pressed", "false")

        # What the trainer logged is heard.
        expect(page.locator(".pl-lane")).to_have_count(2)
        page.locator(".pl-play").click()
        page.wait_for_function("[...document.querySelectorAll('audio')].some(a => a.currentTime)")


def test_a_folder_without_runs_has_words(browser, a_studio):
    """Whatever lies in it."""
    broken = a_studio.runs / "broken"
    broken.mkdir()
    (broken / "curve.csv").write_bytes(b"\xff\x00\n1,2")
    (broken / "recipe.json").write_text("{")
    with page_of(browser, 390, 844) as page:
        page.goto(a_studio.address.replace("/?", "/runs?"))
        expect(page.get_by_text("nothing to draw yet")).to_be_visible()
        page.get_by_label("broken").check()
        expect(page.locator(".rn-canvas")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
