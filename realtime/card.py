"""What a session asks of a sound card: PortAudio, the virtual card and the tests' fake give it."""

from collections.abc import Callable
from typing import Protocol

from realtime.processor import Audio
from realtime.stats import CardFlags

OnBlock = Callable[[Audio, CardFlags], Audio]
"""Takes the microphone's block and what the card reported; gives a block of the same length. It
never raises. The block given to it is its own to keep."""


class Card(Protocol):
    """A microphone and a speaker at one rate."""

    @property
    def description(self) -> str:
        """One line for people: devices, rate, block size."""

    @property
    def sample_rate(self) -> int:
        """In Hz."""

    @property
    def latency_s(self) -> float | None:
        """Input plus output delay as the card says; None if it does not know."""

    def open(self, on_block: OnBlock) -> None:
        """Starts calling `on_block`, in a thread of the card's own; raises DeviceError."""

    def is_playing(self) -> bool:
        """False once it came to its own end; raises StreamError if it broke down."""

    def close(self) -> bool:
        """Stops; False if the card did not let go and only the end of the process will."""
