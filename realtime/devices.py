"""Finding sound cards: by number, by part of a name, or the machine's own choice."""

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from ddsp_core.errors import DeviceError
from realtime.quiet import quiet_stderr

Kind = Literal["input", "output"]

HOW_TO_GO_ON = (
    "plug one in, start JACK, or play without one: --input file:CLIP --output file:OUT.wav"
)

BUILT_IN = ("built-in", "builtin", "macbook", "internal", "hda", "default", "realtek", "sof-")
NOT_BUILT_IN = ("head", "usb", "hdmi", "airpods", "earphone", "bluetooth", "line out")


@dataclass(frozen=True)
class Device:
    """One sound card, as PortAudio sees it."""

    index: int
    name: str
    host_api: str
    n_inputs: int
    n_outputs: int
    default_rate_hz: int

    def n_channels(self, kind: Kind) -> int:
        """How many channels it has in that direction."""
        return self.n_inputs if kind == "input" else self.n_outputs


class Machine(NamedTuple):
    """All sound cards, and which ones the machine would take by itself."""

    devices: tuple[Device, ...]
    default_input: int = -1
    default_output: int = -1

    def usable(self, kind: Kind) -> list[Device]:
        """The devices with at least one channel in that direction."""
        return [device for device in self.devices if device.n_channels(kind)]


def load_portaudio() -> Any:
    """The sounddevice module; raises DeviceError where PortAudio is missing."""
    try:
        with quiet_stderr():
            import sounddevice
    except OSError as error:
        raise DeviceError(
            "PortAudio", "not found", "", "on Debian: apt-get install libportaudio2"
        ) from error
    return sounddevice


def look_around(portaudio: Any) -> Machine:
    """All devices that PortAudio found when it started."""
    apis = portaudio.query_hostapis()
    devices = tuple(
        Device(
            index=int(entry["index"]),
            name=" ".join(str(entry["name"]).split()),
            host_api=str(apis[entry["hostapi"]]["name"]),
            n_inputs=int(entry["max_input_channels"]),
            n_outputs=int(entry["max_output_channels"]),
            default_rate_hz=round(entry["default_samplerate"]),
        )
        for entry in portaudio.query_devices()
    )
    default_input, default_output = portaudio.default.device
    return Machine(devices, int(default_input), int(default_output))


def choose_pair(
    input_query: str | None, output_query: str | None, machine: Machine
) -> tuple[Device, Device]:
    """Microphone and speaker; what is not asked for is taken from the other's host API.

    Raises DeviceError if there is none, or if the two belong to different host APIs.
    """
    if not machine.usable("input") or not machine.usable("output"):
        missing: Kind = "output" if machine.usable("input") else "input"
        raise DeviceError("sound card", f"no {missing} found", "", HOW_TO_GO_ON)
    if input_query is None and output_query is not None:
        speaker = find_device(output_query, "output", machine)
        return _default("input", machine, speaker.host_api), speaker
    microphone = (
        _default("input", machine)
        if input_query is None
        else find_device(input_query, "input", machine)
    )
    speaker = (
        _default("output", machine, microphone.host_api)
        if output_query is None
        else find_device(output_query, "output", machine)
    )
    if microphone.host_api != speaker.host_api:
        given = f"{microphone.host_api} and {speaker.host_api}"
        raise DeviceError("--input, --output", given, "two devices of one host API")
    return microphone, speaker


def choose_speaker(query: str | None, machine: Machine) -> Device:
    """The output device that is asked for, or the machine's own; raises DeviceError."""
    if not machine.usable("output"):
        raise DeviceError("sound card", "no output found", "", "plug one in, or --output file:PATH")
    return find_device(query, "output", machine) if query else _default("output", machine)


def find_device(query: str, kind: Kind, machine: Machine) -> Device:
    """The device of that number, or the only one with `query` in its name (case ignored)."""
    usable = machine.usable(kind)
    if query.isdecimal():
        found = [device for device in usable if device.index == int(query)]
    else:
        wanted = query.casefold()
        exact = [device for device in usable if device.name.casefold() == wanted]
        found = exact or [device for device in usable if wanted in _full_name(device).casefold()]
    if len(found) == 1:
        return found[0]
    given = f"{query!r} fits {len(found)} devices" if found else f"no {kind} device {query!r}"
    raise DeviceError(f"--{kind}", given, f"there are: {list_devices(found or usable)}")


def list_devices(devices: Sequence[Device]) -> str:
    """All of them in one line."""
    return ", ".join(f"{device.index} {_full_name(device)!r}" for device in devices) or "none"


def may_feed_back(microphone: Device, speaker: Device) -> bool:
    """Whether both are probably in the same laptop, so that the violin would hear itself."""

    def built_in(name: str) -> bool:
        lower = name.lower()
        return any(word in lower for word in BUILT_IN) and not any(
            word in lower for word in NOT_BUILT_IN
        )

    return built_in(microphone.name) and built_in(speaker.name)


def pick_rate(voice_rate: int, microphone: Device | None, speaker: Device, portaudio: Any) -> int:
    """The rate to open the two devices at, in Hz; raises DeviceError if they share none.

    ALSA's plain devices name 44.1 kHz as their default although nearly all of them run at 48 kHz
    as well, so there the voice's rate is asked for first: it saves the resampling and its delay.
    """
    there = [device for device in (speaker, microphone) if device]
    rates = [*(device.default_rate_hz for device in there), voice_rate]
    if speaker.host_api == "ALSA":
        rates.insert(0, voice_rate)
    for rate in rates:
        with contextlib.suppress(portaudio.PortAudioError), quiet_stderr():
            if microphone:
                portaudio.check_input_settings(microphone.index, 1, "float32", None, rate)
            portaudio.check_output_settings(speaker.index, None, "float32", None, rate)
            return rate
    tried = ", ".join(f"{rate} Hz" for rate in dict.fromkeys(rates))
    names = " and ".join(device.name for device in there)
    given = f"{names} {'share' if microphone else 'has'} no rate (tried {tried})"
    raise DeviceError("--input, --output", given, "two devices that run at one rate")


def _default(kind: Kind, machine: Machine, host_api: str | None = None) -> Device:
    index = machine.default_input if kind == "input" else machine.default_output
    usable = machine.usable(kind)
    same_api = [device for device in usable if host_api in (None, device.host_api)]
    for device in same_api:
        if device.index == index:
            return device
    if same_api:
        return same_api[0]
    raise DeviceError(f"--{kind}", f"{host_api} has none", list_devices(usable))


def _full_name(device: Device) -> str:
    return f"{device.name}, {device.host_api}"
