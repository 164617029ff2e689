import pytest
from fakes import FakePortAudio

from ddsp_core.errors import DeviceError
from realtime.devices import (
    Machine,
    choose_pair,
    find_device,
    look_around,
    may_feed_back,
    pick_rate,
)


@pytest.fixture
def portaudio() -> FakePortAudio:
    fake = FakePortAudio()
    fake.add("HDA Intel PCH: ALC257 Analog (hw:0,0)", 2, 2)  # 0
    fake.add("HDA Intel PCH: HDMI 0 (hw:0,3)", 0, 8)  # 1
    fake.add("Scarlett 2i2 USB: Audio (hw:1,0)", 2, 2)  # 2
    fake.add("USB Microphone: Audio (hw:2,0)", 1, 0, rate=48000.0)  # 3
    fake.add("system", 2, 2, host=1, rate=96000.0)  # 4
    fake.add("system monitor", 2, 2, host=1, rate=96000.0)  # 5
    fake.default.device = [0, 0]
    return fake


@pytest.fixture
def machine(portaudio: FakePortAudio) -> Machine:
    return look_around(portaudio)


@pytest.mark.parametrize(
    ("query", "index"),
    [("2", 2), ("scarlett", 2), ("2I2", 2), ("microphone", 3), ("system", 4), ("monitor", 5)],
)
def test_a_device_is_found_by_number_or_part_of_its_name(
    machine: Machine, query: str, index: int
) -> None:
    assert find_device(query, "input", machine).index == index


def test_an_ambiguous_name_lists_what_it_fits(machine: Machine) -> None:
    with pytest.raises(DeviceError) as caught:
        find_device("usb", "input", machine)
    message = str(caught.value)
    assert "--input: 'usb' fits 2 devices" in message
    assert "2 'Scarlett 2i2 USB: Audio (hw:1,0), ALSA'" in message
    assert "3 'USB Microphone" in message
    assert "HDMI" not in message


@pytest.mark.parametrize("query", ["nonsense", "99", "-1", "1"])  # 1 has no input
def test_an_unknown_device_lists_what_exists(machine: Machine, query: str) -> None:
    with pytest.raises(DeviceError, match=f"no input device '{query}': there are: 0 'HDA"):
        find_device(query, "input", machine)


def test_without_wishes_the_machines_own_devices_are_taken(machine: Machine) -> None:
    assert [device.index for device in choose_pair(None, None, machine)] == [0, 0]


def test_what_is_not_named_comes_from_the_same_host_api(machine: Machine) -> None:
    assert [device.index for device in choose_pair("system", None, machine)] == [4, 4]
    assert [device.index for device in choose_pair(None, "monitor", machine)] == [4, 5]
    assert [device.index for device in choose_pair("microphone", None, machine)] == [3, 0]


def test_two_host_apis_do_not_mix(machine: Machine) -> None:
    with pytest.raises(DeviceError, match=r"ALSA and JACK.*one host API"):
        choose_pair("scarlett", "system", machine)


def test_no_card_at_all_says_how_to_go_on() -> None:
    with pytest.raises(DeviceError, match=r"no input found.*--input file:CLIP --output file:OUT"):
        choose_pair(None, None, Machine(()))


def test_a_machine_without_microphone_says_so() -> None:
    machine = look_around(FakePortAudio().add("Speaker", 0, 2))
    with pytest.raises(DeviceError, match="no input found"):
        choose_pair(None, None, machine)


def test_devices_are_taken_where_portaudio_names_no_default() -> None:
    machine = look_around(FakePortAudio().add("Speaker", 0, 2).add("Mic", 1, 0))
    assert [device.index for device in choose_pair(None, None, machine)] == [1, 0]


@pytest.mark.parametrize(
    ("microphone", "speaker", "expected"),
    [
        ("MacBook Pro Microphone", "MacBook Pro Speakers", True),
        ("Built-in Microphone", "Built-in Output", True),
        ("HDA Intel PCH: ALC257 Analog", "HDA Intel PCH: ALC257 Analog", True),
        ("default", "default", True),
        ("MacBook Pro Microphone", "External Headphones", False),
        ("HDA Intel PCH: ALC257 Analog", "HDA Intel PCH: HDMI 0", False),
        ("Scarlett 2i2 USB", "Scarlett 2i2 USB", False),
        ("USB Microphone", "HDA Intel PCH: ALC257 Analog", False),
        ("system", "system", False),
    ],
)
def test_feedback_is_foreseen(microphone: str, speaker: str, expected: bool) -> None:
    devices = look_around(FakePortAudio().add(microphone, 2, 0).add(speaker, 0, 2)).devices
    assert may_feed_back(*devices) is expected


def test_alsa_is_asked_for_the_voices_rate_first(machine: Machine) -> None:
    device = machine.devices[2]
    assert device.default_rate_hz == 44100
    assert pick_rate(48000, device, device, FakePortAudio()) == 48000
    assert pick_rate(48000, device, device, FakePortAudio(rates=(44100,))) == 44100


def test_elsewhere_the_devices_own_rate_is_taken(machine: Machine) -> None:
    device = machine.devices[4]
    assert pick_rate(48000, device, device, FakePortAudio(rates=(48000, 96000))) == 96000


def test_two_devices_without_a_common_rate_are_refused(machine: Machine) -> None:
    device = machine.devices[2]
    with pytest.raises(DeviceError, match=r"share no rate .tried 48000 Hz, 44100 Hz"):
        pick_rate(48000, device, device, FakePortAudio(rates=(32000,)))
