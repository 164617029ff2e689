"""The sound card that the command line asks for: a real one, or one made of two files."""

import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ddsp_core.errors import DeviceError
from realtime.card import Card
from realtime.comeback import scan_again, wait_for

if TYPE_CHECKING:
    from realtime.devices import Device

FILE = "file:"
NOTES = "midi"
"""As --input: nobody sings, MIDI notes are played."""

MakeCard = Callable[[int], Card]
"""Makes the card once the voice's rate is known."""


def choose_card(
    microphone: str | None,
    speaker: str | None,
    block_size: int,
    come_back: threading.Event | None = None,
) -> MakeCard:
    """The card that the two flags ask for.

    Args:
        microphone: `NOTES`: none is opened.
        come_back: the performance was going on when its card went away; it is waited for, until
            this is set.

    Raises:
        DeviceError: no such device, or only one of two files.
    """
    names = [name for name in (microphone, speaker) if name != NOTES]
    files = [bool(name and name.startswith(FILE)) for name in names]
    if speaker and all(files):
        clip = None if microphone == NOTES else Path(str(microphone).removeprefix(FILE))
        output = Path(speaker.removeprefix(FILE))
        return lambda rate: _virtual_card(clip, output, rate, block_size)
    if any(files):
        given = f"--input {microphone or 'not given'}, --output {speaker or 'not given'}"
        raise DeviceError("sound card", given, "both a file: or neither")
    from realtime.devices import load_portaudio

    portaudio = load_portaudio()
    if come_back is None:
        return _real_card(microphone, speaker, block_size, portaudio)
    stop = come_back

    def once_it_is_back(rate: int) -> Card:
        return wait_for(
            lambda: _real_card(microphone, speaker, block_size, portaudio)(rate),
            lambda: scan_again(portaudio),
            stop,
        )

    return once_it_is_back


def _real_card(
    microphone: str | None, speaker: str | None, block_size: int, portaudio: Any
) -> MakeCard:
    from realtime.audio_io import PortAudioCard
    from realtime.devices import choose_pair, choose_speaker, look_around, pick_rate

    machine = look_around(portaudio)
    devices: tuple[Device | None, Device] = (
        (None, choose_speaker(speaker, machine))
        if microphone == NOTES
        else choose_pair(microphone, speaker, machine)
    )

    def make(voice_rate: int) -> Card:
        rate = pick_rate(voice_rate, *devices, portaudio)
        _warn_of_feedback(*devices)
        return PortAudioCard(*devices, rate, block_size, portaudio)

    return make


def _warn_of_feedback(microphone: "Device | None", speaker: "Device") -> None:
    from realtime.devices import may_feed_back

    if microphone and may_feed_back(microphone, speaker):
        print(
            "warning: microphone and speaker seem to be the same machine's: the instrument may hear"
            " itself and howl; use headphones",
            file=sys.stderr,
        )


def _virtual_card(clip: Path | None, output: Path, rate: int, block_size: int) -> Card:
    from realtime.virtual_card import VirtualCard

    return VirtualCard(clip, output, rate, block_size)
