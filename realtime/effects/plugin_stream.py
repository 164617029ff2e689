"""Sound on its way to a plug-in's process and back: what the audio thread does.

It sends frames and takes the answers to those of a constant time ago: one frame's answer is due
when the next stretch of sound, as long as a block, has come. Nobody waits. Where an answer is
missing, what would have come is foretold for the length of a fade, and the sound as it went in,
as late as it would have come out, takes over.
"""

import time
from collections import deque
from typing import NamedTuple

import numpy as np

from ddsp_core.bound import Bound
from realtime.effects.effect import Channels
from realtime.effects.fade import FADE_S, Fade
from realtime.effects.pace import Pace
from realtime.effects.plugin_bridge import go_on
from realtime.effects.plugin_frames import FRAME, MAX_CHANGES, Question
from realtime.effects.plugin_kind import MIX
from realtime.effects.plugin_link import PluginLink
from realtime.effects.ramps import Ramps

HUNG_S = 0.5
"""Without an answer for so long, a plug-in is taken for hung."""
SHARE_TO_MENTION = 0.01
MEMORY_S = 10.0
"""How fast late answers are forgotten."""
N_PAST = 20
"""Frames from which the next ones are foretold."""


class StreamForm(NamedTuple):
    """What does not change while playing."""

    n_inputs: int
    n_outputs: int
    sample_rate: int
    own_latency_samples: int
    """Of the plug-in."""
    pace: Pace

    @property
    def n_pipeline(self) -> int:
        """Frames between a question and when its answer is due."""
        block = self.pace.longest_block
        # A block that is no whole number of frames ends within one, which is asked with the next.
        return -(-block // FRAME) + (1 if block % FRAME else 0)

    @property
    def latency_samples(self) -> int:
        """Between what goes in and what comes out."""
        return self.n_pipeline * FRAME + self.own_latency_samples


class PluginStream:
    """Blocks of any length in and out.

    Args:
        form: channels, rate and delays.
        link: to the process, which has begun.
        mix: as the preset begins.
        is_in: whether the plug-in is heard at the beginning.
    """

    def __init__(self, form: StreamForm, link: PluginLink, mix: float, *, is_in: bool) -> None:
        self.n_late = 0
        self.late_share = 0.0
        """Of the answers of the last seconds, those that had had time to come."""
        self.last_block = 0
        """Samples."""
        self.is_in = is_in
        self.mix = np.array([mix])
        """Replaced by a new array when it is turned."""
        self._form = form
        self._link: PluginLink | None = link
        self._offered: PluginLink | None = link
        self._forget = FRAME / (MEMORY_S * form.sample_rate)
        self._due_s = form.n_pipeline * FRAME / form.sample_rate
        self._asked_s = deque([0.0] * form.n_pipeline, maxlen=form.n_pipeline)
        self._well_until_s = 0.0
        self._pending: dict[int, float] = {}
        self._n_fade = -(-round(FADE_S * form.sample_rate) // FRAME) + 1
        self._n_warm = -(-form.own_latency_samples // FRAME) + 2
        self._number = self._first = self._start = 1
        self._woken = self._number
        self._is_reset = False
        self._n_good, self._n_missing, self._n_out = self._n_warm, 0, 0 if is_in else self._n_fade
        self._offset = 0
        self._frame = np.zeros((form.n_inputs, FRAME), np.float32)
        self._ready = np.zeros((form.n_outputs, FRAME), np.float32)
        self._dry = _DelayedFrames(form.n_inputs, form.latency_samples)
        self._past = deque([self._ready] * N_PAST, maxlen=N_PAST)
        self._foretold: deque[Channels] = deque()
        self._fade, self._ramp = Fade(form.sample_rate, is_in), Ramps((MIX,), form.sample_rate)
        self._go_on = Bound(go_on)
        self._go_on(np.hstack(self._past), FRAME)  # compiled now, not when it is needed

    @property
    def problem(self) -> str:
        """What is wrong with the answers; empty if nothing is."""
        expected = self._form.pace.longest_block
        if self.last_block > expected and not self._form.pace.waits:
            return f"blocks of {self.last_block} samples, not {expected}: its answers come late"
        is_worth_it = self.late_share > SHARE_TO_MENTION
        return f"{100 * self.late_share:.0f} % of its answers late" if is_worth_it else ""

    def offer(self, link: PluginLink | None) -> None:
        """This one is asked from the next frame on; None: there is none to ask. Any thread."""
        self._offered = link

    def turn(self, index: int, value: float) -> None:
        """Sends a parameter's value with the next frame; from any thread."""
        self._pending[index] = value

    def process(self, block: Channels) -> Channels:
        """(n_inputs, T) -> (n_outputs, T), any T."""
        n_samples = self.last_block = block.shape[1]
        out = np.empty((self._form.n_outputs, n_samples), np.float32)
        at = 0
        while at < n_samples:
            if self._offset == 0:
                self._ready = self._next_out()
            here = slice(self._offset, min(self._offset + n_samples - at, FRAME))
            there = slice(at, at + here.stop - here.start)
            self._frame[:, here] = block[:, there]
            out[:, there] = self._ready[:, here]
            at = there.stop
            self._offset = here.stop % FRAME
            if self._offset == 0:
                self._send()
        self._wake()
        return out

    def reset(self) -> None:
        """Silence: what is on its way is not heard any more, and the plug-in forgets its past."""
        self._start, self._is_reset = self._number, True
        self._frame[:] = 0.0
        self._ready = np.zeros_like(self._ready)
        self._past.extend([self._ready] * N_PAST)
        self._foretold.clear()
        self._dry.reset()

    def _send(self) -> None:
        if self._link is not self._offered:
            self._link = self._offered
            self._first, self._n_good, self._n_missing = self._number, 0, 0
        self._dry.push(self._frame)
        pending = self._pending
        changes = [pending.popitem() for _ in range(min(len(pending), MAX_CHANGES))]
        if self._link is not None:
            self._link.ask(self._number, Question(self._frame, changes, self._is_reset))
            self._is_reset = False
        self._asked_s.append(time.monotonic())
        self._number += 1

    def _wake(self) -> None:
        """Once a block, as it costs more than all the rest."""
        if self._link is not None and self._woken != self._number:
            self._link.wake(self._number - 1)
            self._woken = self._number

    def _next_out(self) -> Channels:
        """The frame that is heard while the next one is gathered."""
        dry = self._dry.pull()
        wet = self._answer(self._number - self._form.n_pipeline)
        self._n_good = self._n_good + 1 if wet is not None else 0
        if wet is None and not self._foretold and self._n_out < self._n_fade:
            whole = self._go_on(np.hstack(self._past), self._n_fade * FRAME)
            self._foretold.extend(np.split(whole, self._n_fade, axis=1))
        is_in = self.is_in and self._n_good > self._n_warm and not self._foretold
        if self._foretold:
            wet = np.ascontiguousarray(self._foretold.popleft())
        self._n_out = 0 if is_in else self._n_out + 1
        if wet is None:
            wet = np.zeros_like(self._ready)
        self._past.append(wet.copy())  # the fade writes over what it is given
        return self._fade.forward(dry, self._mixed(dry, wet), is_in)

    def _mixed(self, dry: Channels, wet: Channels) -> Channels:
        share = self._ramp.forward(self.mix, FRAME)
        if share.shape[1] == 1 and share[0, 0] == 1.0:
            return wet
        return (dry + share * (wet - dry)).astype(np.float32)

    def _answer(self, number: int) -> Channels | None:
        """Silence before the beginning; None if the answer is missing."""
        if number < self._start:
            return np.zeros_like(self._ready)
        link = self._link
        if link is None or number < self._first:
            return None
        is_patient = self._form.pace.waits and not link.is_hung
        if is_patient:
            self._wake()
        found = link.wait_for(number) if is_patient else link.answer(number)
        if is_patient and found is None:
            link.is_hung = True
        self._judge(link, found is None)
        return found

    def _judge(self, link: PluginLink, is_late: bool) -> None:
        """Counts; whoever is asked faster than sound goes, in a warm-up, is not to blame for it."""
        now_s = time.monotonic()
        self.n_late += is_late
        if not (is_late and self._n_missing):
            self._well_until_s = now_s
        self._n_missing = self._n_missing + 1 if is_late else 0
        is_own = is_late and now_s - self._asked_s[0] > self._due_s / 2
        self.late_share += self._forget * (is_own - self.late_share)
        if self._n_missing * FRAME > HUNG_S * self._form.sample_rate:
            link.is_hung = link.is_hung or now_s - self._well_until_s > HUNG_S


class _DelayedFrames:
    """The sound as it went in, a whole number of samples later.

    Args:
        n_channels: of the sound.
        delay_samples: at least a frame, which is why a frame can be pulled before it is pushed.
    """

    def __init__(self, n_channels: int, delay_samples: int) -> None:
        self._line = np.zeros((n_channels, delay_samples), np.float32)

    def push(self, frame: Channels) -> None:
        """Takes a frame in."""
        self._line = np.concatenate((self._line[:, FRAME:], frame), axis=1)

    def pull(self) -> Channels:
        """The frame of `delay_samples` ago: (C, FRAME)."""
        return self._line[:, :FRAME].copy()

    def reset(self) -> None:
        """Silence."""
        self._line = np.zeros_like(self._line)
