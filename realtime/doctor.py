"""The examination behind `chanterelle doctor`: what is looked at, in which order, for how long."""

import contextlib
import os
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from ddsp_core.errors import DeviceError
from realtime.bench import sung_like
from realtime.doctor_cards import Pair, open_card, sizes_to_try, survey, try_card
from realtime.doctor_computer import examine_computer
from realtime.doctor_disk import examine_disk
from realtime.doctor_findings import Findings, Kernels, Midi, Permissions
from realtime.doctor_kernels import count_kernels
from realtime.doctor_load import PacedPlayer, Timed, judge
from realtime.doctor_others import compare, full_name, take_sample
from realtime.doctor_watch import Report, Watchmen, sum_up
from realtime.processor import Processor
from realtime.resampled import Resampled
from realtime.scheduling import AUDIO_PRIORITY, hints, rights
from realtime.session import undisturbed

USUAL_FIRST = (128, 64, 256, 32, 512)
"""The order of block sizes, for those who end it early."""

SONG_S = 10.0
DISK_SHARE = 0.03
CARD_SHARE = 0.35
LOAD_SHARE_MIN = 0.4
"""Of the test's time."""

MakeEngine = Callable[[], Processor]
"""Makes the preset's engine, warmed up."""


class Wishes(NamedTuple):
    """What a person asks for."""

    preset: str
    seconds: float
    microphone: str | None = None
    speaker: str | None = None
    with_cards: bool = True
    recordings: Path = Path()


class Examination:
    """One test of this machine; `findings` fills up while it runs.

    Args:
        wishes: what to test, for how long.
        make_engine: of the preset.
    """

    def __init__(self, wishes: Wishes, make_engine: MakeEngine) -> None:
        self.findings = Findings(wishes.preset)
        self._wishes, self._make_engine = wishes, make_engine
        self._pair: Pair | None = None
        self._timings: list[Timed] = []

    def run(self) -> Iterator[str]:
        """Names each finding when it is there. Ctrl-C ends it early, with what is known."""
        self._start()
        yield "kernels"
        begun_s, before = time.monotonic(), take_sample()
        yield from self._look()
        with Watchmen(self._allowed.realtime_priority) as watchmen:
            with contextlib.suppress(KeyboardInterrupt):
                self._try_cards()
                yield "cards"
                self._play(begun_s + self._wishes.seconds)
                self.findings.is_complete = True
            ours = {os.getpid(), *watchmen.pids}
            others = compare(before, take_sample(), ours)
            named = tuple(full_name(busy) for busy in others.busiest)
            self.findings.others = replace(others, busiest=named)
            self._conclude(watchmen.end())
        self.findings.seconds = time.monotonic() - begun_s
        yield from ("loads", "watch", "others")

    def _start(self) -> None:
        begun_s = time.monotonic()
        self._engine = self._make_engine()
        self._rate_hz = self.findings.voice_rate_hz = self._engine.sample_rate
        kept, compiled = count_kernels()
        self.findings.kernels = Kernels(kept, compiled, time.monotonic() - begun_s)

    def _look(self) -> Iterator[str]:
        """What takes no time to find out."""
        findings, wishes = self.findings, self._wishes
        findings.computer = examine_computer()
        yield "computer"
        allowed = self._allowed = rights()
        self._priority = min(AUDIO_PRIORITY, allowed.realtime_priority)
        findings.permissions = Permissions(*allowed, hints=tuple(hints(allowed)))
        yield "permissions"
        findings.midi = examine_midi()
        yield "midi"
        findings.disk = examine_disk(
            wishes.recordings, findings.voice_rate_hz, DISK_SHARE * wishes.seconds
        )
        yield "disk"

    def _try_cards(self) -> None:
        """Opens the sound card at each block size, for a third of the time."""
        wishes, findings = self._wishes, self.findings
        if not wishes.with_cards:
            return
        cards, pair = survey(wishes.microphone, wishes.speaker, findings.voice_rate_hz)
        findings.cards = cards
        if pair is None or cards.rate_hz is None:
            return
        self._rate_hz = cards.rate_hz
        sizes = sizes_to_try(cards.host_api)
        song = sung_like(self._rate_hz, SONG_S)
        seconds = CARD_SHARE * wishes.seconds / len(sizes)
        for size in sizes:
            player = self._player()
            with undisturbed():
                card = open_card(pair, self._rate_hz, size)
                trial = try_card(card, size, player, song, seconds, self._priority)
            findings.cards = replace(findings.cards, trials=(*findings.cards.trials, trial))

    def _play(self, end_s: float) -> None:
        """The engine at each block size, in the time that is left."""
        song = sung_like(self._rate_hz, SONG_S)
        end_s = max(end_s, time.monotonic() + LOAD_SHARE_MIN * self._wishes.seconds)
        for n_done, size in enumerate(USUAL_FIRST):
            player = self._player()
            player.expect_blocks_of(size)
            seconds = (end_s - time.monotonic()) / (len(USUAL_FIRST) - n_done)
            paced = PacedPlayer(player, song, size, seconds, self._priority)
            try:
                with undisturbed():
                    paced.run()
            finally:
                self._timings.append(
                    Timed(size, self._rate_hz, player.latency_samples, paced.timing())
                )

    def _conclude(self, reports: Sequence[Report]) -> None:
        """Which late block was whose."""
        spans_s = [span for report in reports for span in report.standstills_s]
        loads = [judge(timed, spans_s) for timed in self._timings]
        self.findings.watch = sum_up(reports)
        done = [load for load in loads if load]
        self.findings.loads = sorted(done, key=lambda load: load.block_size)

    def _player(self) -> Processor:
        """The engine at the rate that will be played at."""
        if self._rate_hz == self._engine.sample_rate:
            return self._engine
        self._engine.expect_blocks_of(None)
        return Resampled(self._engine, self._rate_hz)


def examine_midi() -> Midi:
    """The MIDI inputs that there are."""
    try:
        from realtime.midi_watch import list_midi_inputs

        return Midi(tuple(list_midi_inputs()), "")
    except (DeviceError, ImportError) as error:
        return Midi((), str(error).removeprefix("MIDI: "))
