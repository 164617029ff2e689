"""Other devices of the network: the code, and guessing it."""

import httpx
import pytest
from guards import COOKIE, HERE, PORT, TOKEN, a_guard, ask

from realtime.console.addresses import host_names, lan_addresses, what_is_open
from realtime.console.guard import Guard
from realtime.console.pair_button import picture
from realtime.console.pairing import BLOCKED_S, GUESSES_A_MINUTE, LASTS_S, TRIES, Pairing

PHONE, LAPTOP = "10.0.0.7", "10.0.0.2"
THERE = f"http://{LAPTOP}:{PORT}"


class Clock:
    def __init__(self) -> None:
        self.now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06}"


def pair(guard: Guard, code: str, ip: str = PHONE, origin: str = THERE) -> httpx.Response:
    headers = {"Origin": origin, "User-Agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5)"}
    return ask(guard, "POST", f"{THERE}/pair", ip, headers=headers, data={"code": code})


# The code


def test_a_code_lets_one_device_in_and_is_another_one_then() -> None:
    pairing = Pairing(Clock())
    code = pairing.code
    assert len(code) == 6
    assert pairing.is_right(f"{code[:3]} {code[3:]}", PHONE)
    assert not pairing.is_right(code, "10.0.0.8")


def test_a_code_lasts_five_minutes() -> None:
    clock = Clock()
    pairing = Pairing(clock)
    code = pairing.code
    clock.now_s += LASTS_S - 1.0
    assert pairing.code == code
    clock.now_s += 1.0
    assert not pairing.is_right(code, PHONE)


@pytest.mark.parametrize("given", ["", " ", "abc", "12345", "1234567", "١٢٣٤٥٦", "0" * 10_000])
def test_what_is_no_code_is_wrong(given: str) -> None:
    pairing = Pairing(Clock())
    assert pairing.code != "000000" or given[:1] != "0"
    assert not pairing.is_right(given, PHONE)


def test_who_guesses_five_times_waits_and_guesses_at_another_code() -> None:
    clock = Clock()
    pairing = Pairing(clock)
    code = pairing.code
    for _ in range(TRIES):
        assert not pairing.is_right(wrong(code), PHONE)
    assert pairing.wait_s(PHONE) == BLOCKED_S
    assert not pairing.is_right(pairing.code, PHONE)
    assert not pairing.is_right(code, "10.0.0.8")
    clock.now_s += BLOCKED_S
    assert pairing.is_right(pairing.code, PHONE)


def test_all_together_have_ten_guesses_a_minute() -> None:
    clock = Clock()
    pairing = Pairing(clock)
    for number in range(100):
        pairing.is_right(wrong(pairing.code), f"10.0.1.{number}")
    assert pairing.n_wrong == GUESSES_A_MINUTE
    assert pairing.is_exhausted
    assert not pairing.is_right(pairing.code, PHONE)
    clock.now_s += 60.0
    assert pairing.is_right(pairing.code, PHONE)


def test_the_laptop_hears_once_a_code_who_asks() -> None:
    pairing = Pairing(Clock())
    heard: list[str] = []
    pairing.on_asked(heard.append)
    for ip in (PHONE, PHONE, "10.0.0.8"):
        pairing.ask(ip)
    assert heard == [PHONE]


# At the door


def test_a_phone_types_the_code_and_is_in() -> None:
    guard = a_guard(is_lan=True)
    page = ask(guard, "GET", f"{THERE}/", PHONE)
    assert page.status_code == 403
    assert "Pairing code" in page.text
    assert "no-store" in page.headers["cache-control"]
    answer = pair(guard, guard.address.pairing.code)
    assert answer.status_code == 303
    assert answer.headers["location"] == "/"
    headers = {"Cookie": f"{COOKIE}={answer.cookies[COOKIE]}"}
    assert ask(guard, "GET", f"{THERE}/", PHONE, headers=headers).status_code == 200
    (session,) = guard.address.sessions.paired
    assert (session.name, session.ip) == ("iPhone", PHONE)
    guard.address.sessions.forget(session.key)
    assert ask(guard, "GET", f"{THERE}/", PHONE, headers=headers).status_code == 403


def test_guessing_at_the_door_ends_soon() -> None:
    guard = a_guard(is_lan=True)
    answers = [pair(guard, wrong(guard.address.pairing.code)) for _ in range(TRIES + 3)]
    assert [answer.status_code for answer in answers] == [403] * (TRIES - 1) + [429] * 4
    assert all("set-cookie" not in answer.headers for answer in answers)
    assert pair(guard, guard.address.pairing.code).status_code == 429


def test_the_token_is_worth_nothing_in_the_network() -> None:
    guard = a_guard(is_lan=True)
    answer = ask(guard, "GET", f"{THERE}/?token={TOKEN}", PHONE)
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers


def test_a_cookie_of_this_machine_is_worth_nothing_in_the_network() -> None:
    guard = a_guard(is_lan=True)
    number = ask(guard, "GET", f"{HERE}/?token={TOKEN}").cookies[COOKIE]
    headers = {"Cookie": f"{COOKIE}={number}"}
    assert ask(guard, "GET", f"{THERE}/", PHONE, headers=headers).status_code == 403


def test_another_site_does_not_guess_through_somebodys_browser() -> None:
    guard = a_guard(is_lan=True)
    answer = pair(guard, guard.address.pairing.code, origin="http://evil.example")
    assert answer.status_code == 403
    assert not guard.address.sessions.paired


def test_a_name_of_another_site_is_refused_in_the_network_too() -> None:
    guard = a_guard(is_lan=True)
    for host in ("evil.example", f"evil.example:{PORT}", f"localhost:{PORT}", f"10.9.9.9:{PORT}"):
        answer = ask(guard, "GET", f"{THERE}/", PHONE, headers={"Host": host})
        assert answer.status_code == 421
    for name in host_names():
        answer = ask(guard, "GET", f"{THERE}/", PHONE, headers={"Host": f"{name}:{PORT}"})
        assert answer.status_code == 403


def test_without_lan_nobody_pairs() -> None:
    guard = a_guard()
    assert pair(guard, guard.address.pairing.code).status_code == 403
    assert "Pairing code" not in ask(guard, "GET", f"{THERE}/", PHONE).text


@pytest.mark.parametrize("code", ["123456", "<script>", '"><b>', "1" * 50])
def test_what_a_picture_code_brings_is_a_code_or_nothing(code: str) -> None:
    page = ask(a_guard(is_lan=True), "GET", f"{THERE}/pair", PHONE, params={"code": code}).text
    assert (f'value="{code}"' in page) == (code == "123456")
    assert code == "123456" or code not in page


# What is shown


def test_addresses_are_those_of_others_and_the_terminal_says_what_is_open() -> None:
    assert all(not address.startswith("127.") for address in lan_addresses())
    said = what_is_open(PORT)
    for word in ("play", "record", "presets", "takes", "encrypted"):
        assert word in said


def test_the_picture_code_loads_nothing() -> None:
    svg = picture(f"{THERE}/pair?code=123456")
    assert svg.startswith("<svg")
    assert "href" not in svg
