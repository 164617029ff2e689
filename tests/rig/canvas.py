"""What is drawn on a canvas of a page."""

from typing import Any

from playwright.sync_api import Page

COLUMNS = """(selector) => new Promise((done) => requestAnimationFrame(() => setTimeout(() => {
  const canvas = document.querySelector(selector);
  const {width, height} = canvas;
  const {data} = canvas.getContext("2d").getImageData(0, 0, width, height);
  const found = {};
  for (let at = 0; at < data.length; at += 4) {
    const name = [data[at], data[at + 1], data[at + 2]].join();
    if (data[at + 3] === 255) (found[name] ??= []).push((at / 4) % width);
  }
  const places = Object.entries(found).map(([name, all]) => [name, {n: all.length,
    first: all.reduce((a, b) => Math.min(a, b)), mean: all.reduce((a, b) => a + b) / all.length}]);
  done({width, height, ...Object.fromEntries(places)});
})))"""
"""Where on a canvas each colour stands."""


def colours_on(page: Page, selector: str) -> dict[str, Any]:
    """Of each full colour how many pixels there are, the first column and the mean one.

    Args:
        page: that shows it.
        selector: of the canvas.
    """
    seen: dict[str, Any] = page.evaluate(COLUMNS, selector)
    return seen
