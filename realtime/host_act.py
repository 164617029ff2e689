"""An engine on the stage: it waits, listens, plays, rings out, and waits again."""

from typing import Literal

import numpy as np

from realtime.host_engine import HostEngine
from realtime.host_fade import Fade, even_power, scale_ramped, smooth
from realtime.host_inlet import Inlet
from realtime.host_past import Audio, Past
from realtime.meters import readings_of

Phase = Literal["waiting", "listening", "playing", "ringing"]

FADE_S = 0.04
"""From one engine to the next."""

HURRIED_S = 0.008
"""The same for one that still leaves when two others have begun to."""

CUT_S = 0.02
"""Of a tail that is not to be heard to its end."""

LISTENED_HOPS = 16
"""Heard by its own pitch tracker before it plays; what was before is recalled by readings."""

QUIET = 1e-5
"""-100 dBFS."""

QUIET_HOPS = 40
"""So long below that: nothing will come any more."""


class Act:
    """One engine.

    Args:
        engine: prepared.
        is_playing: from the beginning.
    """

    def __init__(self, engine: HostEngine, inlet: Inlet, *, is_playing: bool) -> None:
        self.engine = engine
        self.phase: Phase = "playing" if is_playing else "waiting"
        hops_a_s = engine.sample_rate / engine.hop_size
        self.fade = Fade(max(round(FADE_S * hops_a_s), 1), even_power, float(is_playing))
        self._hurry = FADE_S / HURRIED_S
        self._speed = 1.0
        self._cut = Fade(max(round(CUT_S * hops_a_s), 1), smooth, 1.0)
        self._inlets = inlet, inlet
        self._crossing = Fade(max(round(CUT_S * hops_a_s), 1), smooth, 1.0)
        self.n_rung = self._n_quiet = 0
        self.has_tail = False
        self._to_recall: Audio = readings_of(())
        self._chunk = 0

    @property
    def is_settled(self) -> bool:
        """Whether many hops may be played at once."""
        still = not (self.fade.is_moving or self._crossing.is_moving)
        return self.phase == "waiting" or (self.phase == "playing" and still)

    @property
    def is_leaving(self) -> bool:
        """Whether it is being faded out."""
        return self.phase == "playing" and self.fade.goal == 0.0

    @property
    def inlets(self) -> tuple[Inlet, ...]:
        """What it hears now."""
        if self.phase not in ("playing", "listening"):
            return ()
        return self._inlets if self._crossing.is_moving else self._inlets[1:]

    def begin_to_listen(self, inlet: Inlet, readings: Audio, n_turns: int) -> None:
        """It will play soon: recalls what was read, in so many turns, then `hear_the_last`.

        Args:
            inlet: what it is going to hear.
            readings: f0_hz, confidence, loudness_db of what was sung before. Shape: (N, 3).
            n_turns: hops until then.
        """
        self.engine.rest(is_ringing=self.has_tail)
        self._inlets = inlet, inlet
        self._crossing.jump(1.0)
        self._to_recall, self._chunk = readings, -(-len(readings) // max(n_turns, 1))
        self.phase = "listening"

    def recall(self) -> None:
        """One turn of it."""
        if len(self._to_recall):
            self.engine.recall(self._to_recall[: self._chunk])
            self._to_recall = self._to_recall[self._chunk :]

    def hear_the_last(self, past: Past) -> None:
        """Hears the last hops itself, the newest among them."""
        heard = self._inlets[1].catch_up(past, LISTENED_HOPS * self.engine.hop_size)
        self.engine.listen(heard.reshape(LISTENED_HOPS, -1))

    def enter(self) -> None:
        """Plays from the next hop on, faded in."""
        self.phase, self._speed, self.has_tail = "playing", 1.0, False
        self._cut.jump(1.0)
        self.fade.jump(0.0)
        self.fade.goal = 1.0

    def return_to(self, inlet: Inlet) -> None:
        """It plays already, or still: goes on, hearing this from now on."""
        self.fade.goal, self._speed = 1.0, 1.0
        if inlet is not self._inlets[1]:
            self._inlets = self._inlets[1], inlet
            self._crossing.jump(0.0)
            self._crossing.goal = 1.0

    def leave(self) -> None:
        """Is faded out, then rings."""
        self.fade.goal = 0.0

    def hurry(self) -> None:
        """Is faded out faster."""
        self._speed = self._hurry

    def cut(self) -> None:
        """Its tail is faded out."""
        self._cut.goal = 0.0

    def give_up(self) -> None:
        """It will not play after all."""
        self.phase = "ringing" if self.has_tail else "waiting"

    def stop(self) -> None:
        """Silence at once: nobody hears it."""
        self.engine.clear_room()
        self.phase = "waiting"
        self.fade.jump(0.0)
        self._end_tail()

    def _end_tail(self) -> None:
        self.has_tail = False
        self._cut.jump(1.0)
        if self.phase == "ringing":
            self.phase = "waiting"

    def step(self, past: Past, n_hops: int, heard: dict[Inlet, Audio]) -> Audio | None:
        """The sound of the newest hops; None while it has none. Shape: (n_hops H,)."""
        if self.phase == "playing":
            return self._play(past, n_hops, heard)
        return self._ring(n_hops) if self.has_tail else None

    def _play(self, past: Past, n_hops: int, heard: dict[Inlet, Audio]) -> Audio:
        n_samples = n_hops * self.engine.hop_size
        for inlet in self.inlets:
            if inlet not in heard:
                heard[inlet] = inlet.hear(past, n_samples)
        sound = heard[self._inlets[1]]
        if self._crossing.is_moving:
            self._crossing.move()
            share = np.linspace(self._crossing.before, self._crossing.gain, n_samples + 1)[1:]
            before = heard[self._inlets[0]]
            sound = (before + share * (sound - before)).astype(np.float32)
        self.fade.move(self._speed)
        self.engine.presence = self.fade.gain
        out = self.engine.play(sound.reshape(n_hops, -1))
        if self.fade.position == 0.0 and self.fade.goal == 0.0:
            self.phase, self.has_tail = "ringing", True
            self.n_rung = self._n_quiet = 0
        return out

    def _ring(self, n_hops: int) -> Audio:
        out = self.engine.ring(n_hops)
        self._cut.move()
        if min(self._cut.before, self._cut.gain) < 1.0:
            scale_ramped(out[None], self._cut.before, self._cut.gain)
        self.n_rung += n_hops
        self._n_quiet = self._n_quiet + n_hops if np.abs(out).max() < QUIET else 0
        if self._cut.gain == 0.0 or self._n_quiet > QUIET_HOPS:
            self.engine.clear_room()
            self._end_tail()
        elif self.n_rung > self.engine.n_ringing_hops:
            self._end_tail()
        return out
