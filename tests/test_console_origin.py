"""In a real browser: nothing comes from elsewhere, and a phone pairs."""

import contextlib
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect
from rig.browser import page_of, serious_faults
from rig.console import Show

from realtime.console.addresses import lan_addresses

START_LIMIT_S = 30.0
HANDSHAKE = "window.did_handshake === true && document.readyState === 'complete'"


class Heard:
    """Where a page's requests went, and what its policy forbade."""

    def __init__(self, page: Page) -> None:
        self.places: set[str] = set()
        self.forbidden: list[str] = []
        page.on("request", lambda request: self._add(request.url))
        page.on("websocket", lambda pages: self._add(pages.url))
        page.on("console", lambda message: self._hear(message.text))

    def _add(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in {"data", "blob"}:
            self.places.add(parts.netloc)

    def _hear(self, text: str) -> None:
        if "Content Security Policy" in text:
            self.forbidden.append(text)


def look_at(page: Page, address: str, paths: tuple[str, ...]) -> None:
    """Each page comes from the console alone, whole."""
    heard = Heard(page)
    page.goto(address)
    assert "token" not in page.url
    for path in paths:
        page.goto(f"{page.url.rsplit('/', 1)[0]}{path}")
        page.wait_for_function(HANDSHAKE)
        page.evaluate("document.fonts.ready")
    assert heard.places == {urlsplit(address).netloc}
    assert heard.forbidden == []


@pytest.mark.browser
def test_pages_of_the_stage_load_nothing_from_elsewhere(a_show: Show, browser: Browser) -> None:
    with page_of(browser) as page:
        look_at(page, a_show.address, ("/", "/desk", "/takes"))
        assert page.evaluate("document.cookie") == ""
        went = "fetch('http://192.0.2.1/').then(() => 'went', () => 'stayed')"
        assert page.evaluate(went) == "stayed"


@pytest.mark.browser
def test_without_the_key_a_page_says_where_it_is(a_show: Show, browser: Browser) -> None:
    with page_of(browser) as page:
        page.goto(a_show.address.split("?", maxsplit=1)[0])
        expect(page.get_by_role("heading")).to_have_text("This console needs its key")
        assert serious_faults(page) == []


@contextlib.contextmanager
def a_studio(folder: Path) -> Iterator[tuple[str, Path]]:
    """A console that is open to the network; its address, and what its terminal shows."""
    log = folder / "log"
    command = [sys.executable, "-m", "realtime.console", "--lan", "--port", "0"]
    command += ["--takes", str(folder), "--runs", str(folder)]
    with log.open("w") as file:
        process = subprocess.Popen(command, stdout=file, stderr=file, text=True)
    try:
        end_s = time.monotonic() + START_LIMIT_S
        while "network at" not in log.read_text():
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < end_s, log.read_text()
            time.sleep(0.05)
        yield log.read_text().split()[1], log
    finally:
        process.terminate()
        process.wait()


@pytest.mark.browser
@pytest.mark.skipif(not lan_addresses(), reason="needs a network card")
def test_a_phone_pairs_and_is_forgotten(tmp_path: Path, browser: Browser) -> None:
    phone_size = {"width": 390, "height": 844}
    with (
        a_studio(tmp_path) as (address, log),
        page_of(browser) as laptop,
        page_of(browser, **phone_size) as phone,
    ):
        look_at(laptop, address, ("/", "/takes", "/runs"))
        laptop.get_by_role("button", name="Pair").click()
        code = laptop.locator(".ch-pair-code").inner_text()
        assert serious_faults(laptop) == []
        there = address.replace("127.0.0.1", lan_addresses()[0])
        phone.goto(there)
        assert serious_faults(phone) == []
        assert f"the code is {code}" in log.read_text()
        phone.get_by_label("Pairing code").fill("1")
        phone.keyboard.press("Enter")
        expect(phone.get_by_role("alert")).to_contain_text("not the code")
        phone.get_by_label("Pairing code").fill(code)
        phone.get_by_role("button", name="Pair this device").click()
        phone.wait_for_function(HANDSHAKE)
        expect(phone.get_by_role("button", name="Pair")).to_have_count(0)
        laptop.get_by_role("button", name="Forget").click()
        expect(phone.get_by_label("Pairing code")).to_be_visible()
