"""The law: cutting the input anywhere changes nothing.

Every stateful stage has one method, `forward(inputs, state=None) -> (outputs, new_state)`. For any
cut of the input, `forward(a ++ b)` gives what `forward(a)` followed by `forward(b, state)` gives:
outputs, final state and gradients. Training is one long block from `None`, playing is many short
ones; there is no streaming mode.

The state is a `NamedTuple` of arrays and numbers. `forward` returns a new one and never writes into
the one that it was given, so a state can be kept and played from twice. Two stages ask for an
exception, for speed: `live_room.RoomStep` and `live_voice.LiveVoice` take their state over.
"""

from typing import Protocol, TypeVar

I_contra = TypeVar("I_contra", contravariant=True)
O_co = TypeVar("O_co", covariant=True)
S = TypeVar("S")


class Stage(Protocol[I_contra, O_co, S]):
    """What every stage of the signal path looks like."""

    def forward(self, inputs: I_contra, state: S | None = None) -> tuple[O_co, S]:
        """Processes a stretch of input; `None` stands for the beginning of the world."""
        ...
