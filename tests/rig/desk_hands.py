"""What a person does and sees at the desk's page, for its tests."""

import contextlib
import time
from collections.abc import Callable, Iterator

from playwright.sync_api import Locator, Page, expect

from rig.desk_stage import SUNG, DeskStage

LIMIT_MS = 15_000


def as_begun(page: Page, stage: DeskStage) -> None:
    """The first preset as it begins, somebody singing, a controller plugged in."""
    stage.live, stage.n_ports = SUNG, 1
    stage.desk.choose(0)
    expect(dial(page, "room_mix")).to_have_attribute("aria-valuenow", "1")
    expect(page.locator(".knob.is-turned")).to_have_count(0)


def visit(page: Page, stage: DeskStage) -> None:
    """Opens the desk."""
    page.goto(stage.address)
    page.goto(stage.address.partition("?")[0] + "desk")
    expect(dial(page, "room_mix")).to_be_visible()


def knob(page: Page, name: str) -> Locator:
    """With its label, value and badge."""
    return page.locator(f".desk-knobs [data-control='{name}']")


def dial(page: Page, name: str) -> Locator:
    """What is turned."""
    return knob(page, name).get_by_role("slider")


def shows(page: Page, name: str, value: float) -> None:
    """Waits until a knob does."""
    expect(dial(page, name)).to_have_attribute("aria-valuenow", f"{value:g}", timeout=LIMIT_MS)


def wait_until(is_so: Callable[[], bool]) -> None:
    """For what the page has no part in."""
    end_s = time.monotonic() + 5.0
    while not is_so():
        assert time.monotonic() < end_s
        time.sleep(0.005)


def grasp(page: Page, name: str) -> tuple[float, float]:
    """Presses the mouse on a knob."""
    box = dial(page, name).bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    return x, y


@contextlib.contextmanager
def finger_on(page: Page, name: str) -> Iterator[None]:
    """It stays there."""
    box = dial(page, name).bounding_box()
    assert box is not None
    screen = page.context.new_cdp_session(page)
    point = {"x": box["x"] + 20, "y": box["y"] + 20}
    screen.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [point]})
    yield
    screen.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def sweep(cc: int) -> list[list[int]]:
    """A controller's knob moves."""
    return [[0xB0, cc, value] for value in (60, 61, 62)]
