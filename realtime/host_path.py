"""From the engines of a slot to the speakers: its output chain, which rings out by itself."""

import math
from typing import TYPE_CHECKING

import numpy as np

from realtime.host_act import CUT_S, FADE_S, Act
from realtime.host_fade import Channels, Fade, add_ramped, limit_linked, scale_ramped, smooth
from realtime.host_past import Audio, Delay
from realtime.limiter import CEILING, KNEE, release

if TYPE_CHECKING:
    from realtime.effects.chain import Chain

LONGEST_TAIL_S = 30.0


class Path:
    """One output chain, or none.

    Args:
        chain: of effects; None: there are none.
        latency_samples: of the slowest output chain of the set; all are as late.
        sample_rate, hop_size: in Hz, in samples.
        limits: whether what comes out may be louder than one engine, which limits by itself.
    """

    def __init__(
        self,
        chain: "Chain | None",
        latency_samples: int,
        sample_rate: int,
        hop_size: int,
        *,
        limits: bool,
    ) -> None:
        self.chain = chain
        n_outputs = chain.n_outputs if chain is not None else 1
        own = chain.latency_samples if chain is not None else 0
        self._pad = Delay(latency_samples - own, n_outputs)
        self._latency = latency_samples
        self.is_plain = chain is None and latency_samples == 0 and not limits
        self._rate, self._limits = sample_rate, limits
        self._n_fade = max(round(FADE_S * sample_rate / hop_size), 1)
        self._sends: dict[Act, Fade] = {}
        self._cut = Fade(max(round(CUT_S * sample_rate / hop_size), 1), smooth, 1.0)
        self._peak, self._fall = 0.0, release(sample_rate)
        self.silent_samples = self._n_tail = 0
        self.is_sounding = False

    @property
    def is_settled(self) -> bool:
        """Whether many hops may be played at once."""
        moving = any(send.is_moving for send in self._sends.values())
        return not (moving or self._cut.goal == 0.0 or self.is_ringing)

    @property
    def is_ringing(self) -> bool:
        """Whether nothing comes in any more, but something out."""
        return self.is_sounding and not self._sends

    @property
    def is_idle(self) -> bool:
        """Whether nothing comes in and nothing comes out."""
        return not (self.is_sounding or self._sends)

    def send(self, act: Act, *, fades: bool) -> None:
        """From now on the engine goes through here, faded in or at once."""
        fade = self._sends.setdefault(act, Fade(self._n_fade, smooth, 0.0))
        if fades:
            fade.goal = 1.0
        else:
            fade.jump(1.0)
        self._cut.goal = 1.0

    def receives(self, act: Act) -> bool:
        """Whether the engine goes through here, and stays."""
        return act in self._sends and self._sends[act].goal == 1.0

    def release(self, act: Act) -> None:
        """It goes another way from now on."""
        if act in self._sends:
            self._sends[act].goal = 0.0

    def cut(self) -> None:
        """Its tail is faded out."""
        self._cut.goal = 0.0

    def stop(self) -> None:
        """Forgets all sound."""
        self._pad.reset()
        if self.chain is not None:
            self.chain.reset()
        self._peak, self.silent_samples = 0.0, 0

    def play(self, outs: dict[Act, Audio], n_samples: int) -> Channels | None:
        """What comes out, (C, T); None while it is silent and nothing rings.

        Args:
            outs: what the engines on the stage play. Shape: (T,) each.
        """
        mixed = self._mix(outs, n_samples)
        if mixed is None:
            return None
        sound = mixed if self.chain is None else self.chain.process(mixed)
        sound = np.ascontiguousarray(self._pad.process(sound))
        if self._limits:
            self._peak = limit_linked(sound, self._peak, self._fall, KNEE, CEILING)
        self._cut.move()
        if min(self._cut.before, self._cut.gain) < 1.0:
            scale_ramped(sound, self._cut.before, self._cut.gain)
            if self._cut.gain == 0.0 and not self._sends:
                self._fall_silent()
        return sound

    def _mix(self, outs: dict[Act, Audio], n_samples: int) -> Channels | None:
        mixed = np.zeros((1, n_samples), np.float32)
        for act, fade in list(self._sends.items()):
            fade.move()
            if act in outs:
                add_ramped(mixed[0], outs[act], fade.before, fade.gain)
            if fade.goal == fade.gain == 0.0 or (act not in outs and act.phase == "waiting"):
                del self._sends[act]
        if self._sends:
            self.is_sounding, self.silent_samples = True, 0
        elif self.is_sounding:
            if not self.silent_samples:
                self._n_tail = self._tail_samples
            self.silent_samples += n_samples
            if self.silent_samples > self._n_tail:
                self._fall_silent()
        return mixed if self.is_sounding else None

    @property
    def _tail_samples(self) -> int:
        tail_s = self.chain.tail_s if self.chain is not None else 0.0
        return self._latency + math.ceil(min(tail_s, LONGEST_TAIL_S) * self._rate)

    def _fall_silent(self) -> None:
        self.stop()
        self._cut.jump(1.0)
        self.is_sounding = False
