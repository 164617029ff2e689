"""Who may come in: each attack, and the way that is right."""

import asyncio
import time
from pathlib import Path
from typing import Any

import httpx
import pytest
from guards import COOKIE, HERE, PORT, TOKEN, a_guard, ask, cookie_of

from realtime.console.guard import MOST_BYTES, PAGES_A_SECOND
from realtime.console.one_time import LASTS_S, OneTimeKey
from realtime.console.sessions import MOST_SESSIONS

# The token


def test_the_token_gives_a_cookie_and_leaves_the_address() -> None:
    answer = ask(a_guard(), "GET", f"{HERE}/takes?token={TOKEN}&song=2")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/takes?song=2"
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert TOKEN not in cookie


MANY = "/?" + "a=1&" * 200 + "token=wrong"


@pytest.mark.parametrize(
    "path", ["/", "/?token=", "/?token=wrong", "/?token=%00%ff", "/assets/x", MANY]
)
def test_without_the_token_nobody_sees_a_page(path: str) -> None:
    answer = ask(a_guard(), "GET", HERE + path)
    assert answer.status_code == 403
    assert "terminal" in answer.text
    assert "secrets" not in answer.text
    assert "set-cookie" not in answer.headers


def test_with_the_cookie_everything_is_open_and_not_kept() -> None:
    guard = a_guard()
    answer = ask(guard, "GET", f"{HERE}/", headers=cookie_of(guard))
    assert answer.text == "secrets of the stage"
    assert answer.headers["cache-control"] == "no-store"
    policy = answer.headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "http" not in policy


@pytest.mark.parametrize("value", ["", "x", TOKEN, "x" * 1000, "a;b"])
def test_another_cookie_opens_nothing(value: str) -> None:
    headers = {"Cookie": f"{COOKIE}={value}"}
    assert ask(a_guard(), "GET", f"{HERE}/", headers=headers).status_code == 403


def test_the_token_leads_to_this_machine_alone() -> None:
    answer = ask(a_guard(), "GET", f"{HERE}//elsewhere.example/?token={TOKEN}")
    assert answer.headers["location"] == "/elsewhere.example/"


def test_from_a_link_on_another_site_the_way_in_has_one_step_more() -> None:
    headers = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
    answer = ask(a_guard(), "GET", f"{HERE}/?token={TOKEN}", headers=headers)
    assert answer.status_code == 200
    assert 'http-equiv="refresh"' in answer.text
    assert TOKEN not in answer.text


def test_the_key_that_a_browser_is_started_with_opens_once() -> None:
    guard = a_guard()
    address = guard.address
    assert TOKEN not in address.first_link
    assert [ask(guard, "GET", address.first_link).status_code for _ in range(2)] == [303, 403]
    late = OneTimeKey(iter([0.0, LASTS_S]).__next__)
    assert not late.opens(late.text)


def test_a_session_outlives_the_process_and_its_file_lets_nobody_in(tmp_path: Path) -> None:
    headers = cookie_of(a_guard(private=tmp_path))
    again = a_guard(private=tmp_path)
    assert ask(again, "GET", f"{HERE}/", headers=headers).status_code == 200
    (file,) = tmp_path.iterdir()
    assert file.stat().st_mode & 0o077 == 0
    assert headers["Cookie"].split("=")[1] not in file.read_text()


def test_there_are_never_too_many_sessions() -> None:
    guard = a_guard()
    first = cookie_of(guard)
    for _ in range(MOST_SESSIONS):
        last = cookie_of(guard)
    assert ask(guard, "GET", f"{HERE}/", headers=first).status_code == 403
    assert ask(guard, "GET", f"{HERE}/", headers=last).status_code == 200


# Other sites


@pytest.mark.parametrize(
    "host",
    ["evil.example", f"evil.example:{PORT}", "127.0.0.1", "127.0.0.1:1", f"127.0.0.1:{PORT}.x", ""],
)
def test_a_name_that_was_made_to_lead_here_is_refused(host: str) -> None:
    guard = a_guard()
    headers = {**cookie_of(guard), "Host": host}
    answer = ask(guard, "GET", f"{HERE}/?token={TOKEN}", headers=headers)
    assert answer.status_code == 421
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("host", [f"localhost:{PORT}", f"127.0.0.1:{PORT}", f"[::1]:{PORT}"])
def test_the_names_of_this_machine_are_known(host: str) -> None:
    guard = a_guard()
    headers = {**cookie_of(guard), "Host": host}
    assert ask(guard, "GET", f"{HERE}/", headers=headers).status_code == 200


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1:9999", ""])
def test_another_site_changes_nothing(origin: str) -> None:
    guard = a_guard()
    headers = {**cookie_of(guard), "Origin": origin}
    assert ask(guard, "POST", f"{HERE}/turn", headers=headers, json={}).status_code == 403
    headers["Origin"] = HERE
    assert ask(guard, "POST", f"{HERE}/turn", headers=headers, json={}).status_code == 200


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_another_site_shows_nothing_of_ours(site: str) -> None:
    guard = a_guard()
    headers = {**cookie_of(guard), "Sec-Fetch-Site": site, "Sec-Fetch-Mode": "no-cors"}
    assert ask(guard, "GET", f"{HERE}/", headers=headers).status_code == 403


# What is too much


def test_a_long_request_is_refused_whether_it_says_so_or_not() -> None:
    guard = a_guard()
    headers = cookie_of(guard)
    long = b'"' + b"x" * MOST_BYTES + b'"'

    async def piecewise() -> Any:
        for start in range(0, len(long), 4096):
            yield long[start : start + 4096]

    assert ask(guard, "POST", f"{HERE}/turn", headers=headers, content=long).status_code == 413
    answer = ask(guard, "POST", f"{HERE}/turn", headers=headers, content=piecewise())
    assert answer.status_code >= 400


def test_pages_are_not_built_faster_than_anybody_reads() -> None:
    guard = a_guard()
    headers = cookie_of(guard)

    async def hurry() -> list[int]:
        transport = httpx.ASGITransport(guard)
        async with httpx.AsyncClient(transport=transport, headers=headers) as client:
            return [(await client.get(f"{HERE}/")).status_code for _ in range(400)]

    began_s = time.monotonic()
    answers = asyncio.run(hurry())
    allowed = 200 + (time.monotonic() - began_s) * PAGES_A_SECOND
    assert 200 <= answers.count(200) <= allowed + 1
    assert answers.count(429) == 400 - answers.count(200)


def test_the_socket_does_not_poll() -> None:
    guard = a_guard()
    url = f"{HERE}/_nicegui_ws/socket.io/?EIO=4&transport=polling"
    assert ask(guard, "GET", url, headers=cookie_of(guard)).status_code == 403
