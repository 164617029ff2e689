"""Sound cards: which there are, at which rates and block sizes they really open, what gets lost.

Each block size is tried in a short stream, with the engine computing in it and silence to hear.
"""

import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ddsp_core.errors import ChanterelleError, DeviceError
from realtime.audio_io import BLOCKS_TO_SPARE, PortAudioCard
from realtime.devices import (
    Device,
    choose_pair,
    load_portaudio,
    look_around,
    may_feed_back,
    pick_rate,
)
from realtime.doctor_findings import BLOCK_SIZES, HUNG, Cards, CardTrial
from realtime.processor import Audio, Processor
from realtime.quiet import quiet_stderr
from realtime.scheduling import raise_this_thread
from realtime.stats import CardFlags

RATES_HZ = (44_100, 48_000, 88_200, 96_000)
SETTLING_S = 0.3
"""What is lost while a stream starts is not counted."""

LOOK_EVERY_S = 0.02


Pair = tuple[Device, Device, Any]
"""Microphone, speaker, and the PortAudio that knows them."""


class Trial:
    """Counts what one stream does; `on_block` runs in the card's thread."""

    def __init__(self, player: Processor, sound: Audio, priority: int) -> None:
        self._player, self._sound, self._priority = player, sound, priority
        self._at = 0
        self._counts_from_s = time.monotonic() + SETTLING_S
        self.block_sizes: set[int] = set()
        self.xruns = 0
        self.late_blocks = 0
        self.error = ""

    def on_block(self, dry: Audio, flags: CardFlags) -> Audio:
        """Plays a made-up song to nobody."""
        begun_s = time.monotonic()
        n_samples = len(dry)
        if not self.block_sizes:
            if self._priority:
                raise_this_thread(self._priority)
            self._player.expect_blocks_of(n_samples)  # JACK's are not known before
        block = self._sound[self._at : self._at + n_samples]
        self._at = (self._at + n_samples) % max(1, len(self._sound) - n_samples)
        try:
            self._player.process(block)
        except Exception as error:
            self.error = f"{type(error).__name__}: {error}"
        done_s = time.monotonic()
        self.block_sizes.add(n_samples)
        if begun_s > self._counts_from_s:
            self.xruns += sum(flags)
            self.late_blocks += done_s - begun_s > n_samples / self._player.sample_rate
        return np.zeros_like(dry)


def survey(
    microphone: str | None,
    speaker: str | None,
    voice_rate_hz: int,
    load: Callable[[], Any] | None = None,
) -> tuple[Cards, Pair | None]:
    """What there is, and the pair that `play` would take, with PortAudio.

    Without any card the problem is said; DeviceError if one was asked for that is not there.
    """
    try:
        portaudio = (load or load_portaudio)()
    except DeviceError as error:
        return _no_pair((), error, microphone or speaker)
    machine = look_around(portaudio)
    try:
        pair = choose_pair(microphone, speaker, machine)
        rate_hz = pick_rate(voice_rate_hz, *pair, portaudio)
    except DeviceError as error:
        return _no_pair(machine.devices, error, microphone or speaker)
    cards = Cards(
        devices=machine.devices,
        microphone=pair[0].name,
        speaker=pair[1].name,
        host_api=pair[0].host_api,
        rates_hz=_common_rates(*pair, portaudio),
        rate_hz=rate_hz,
        may_feed_back=may_feed_back(*pair),
        blocks_ready=BLOCKS_TO_SPARE if pair[0].host_api.startswith("ALSA") else 1,
        trials=(),
        problem="",
    )
    return cards, (*pair, portaudio)


def sizes_to_try(host_api: str) -> Sequence[int]:
    """JACK has one block size for all its programs, so there one trial is enough."""
    return (0,) if host_api.startswith("JACK") else BLOCK_SIZES


def try_card(
    card: Any,
    asked_block_size: int,
    player: Processor,
    sound: Audio,
    seconds: float,
    priority: int = 0,
) -> CardTrial:
    """One stream.

    Args:
        card: a PortAudioCard, or a fake of it.
        asked_block_size: 0: the card's own.
        player: an engine at the card's rate.
        sound: what the engine hears. Shape: (T,)
        seconds: how long, the settling included.
        priority: real-time priority for the card's thread, as `play` asks for; 0: as it comes.
    """
    trial = Trial(player, sound, priority)
    problem, latency_s, begun_s = "", None, time.monotonic()
    try:
        card.open(trial.on_block)
        end_s = time.monotonic() + seconds
        while time.monotonic() < end_s and card.is_playing():
            time.sleep(LOOK_EVERY_S)
        latency_s = card.latency_s
    except ChanterelleError as error:
        problem = str(error)
    finally:
        if not card.close():
            problem = HUNG
    return CardTrial(
        asked_block_size=asked_block_size,
        block_sizes=tuple(sorted(trial.block_sizes)),
        seconds=max(0.0, time.monotonic() - begun_s - SETTLING_S),
        xruns=trial.xruns,
        late_blocks=trial.late_blocks,
        latency_ms=1e3 * latency_s if latency_s else None,  # 0 is nonsense, too
        problem=problem or trial.error,
    )


def open_card(pair: Pair, rate_hz: int, block_size: int) -> PortAudioCard:
    """The stream that `play` would open."""
    microphone, speaker, portaudio = pair
    return PortAudioCard(microphone, speaker, rate_hz, block_size, portaudio)


def _no_pair(
    devices: tuple[Device, ...], error: DeviceError, asked_for: str | None
) -> tuple[Cards, None]:
    if asked_for:
        raise error
    return Cards(devices, "", "", "", (), None, False, 1, (), str(error)), None


def _common_rates(microphone: Device, speaker: Device, portaudio: Any) -> tuple[int, ...]:
    return tuple(rate for rate in RATES_HZ if _accepts(microphone, speaker, portaudio, rate))


def _accepts(microphone: Device, speaker: Device, portaudio: Any, rate_hz: int) -> bool:
    try:
        with quiet_stderr():
            portaudio.check_input_settings(microphone.index, 1, "float32", None, rate_hz)
            portaudio.check_output_settings(speaker.index, None, "float32", None, rate_hz)
    except portaudio.PortAudioError:
        return False
    return True
