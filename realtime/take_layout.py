"""How a take's sound lies on disk: WAV or FLAC, and how many bits a sample."""

from dataclasses import dataclass
from typing import Literal

from ddsp_core.errors import AudioError

FileKind = Literal["wav", "flac"]
BITS: dict[str, tuple[int, ...]] = {"wav": (16, 24, 32), "flac": (16, 24)}
"""32: float, as the engine computes; FLAC knows no floats."""


@dataclass(frozen=True)
class TakeLayout:
    """Of both files of a take. Raises AudioError where the two do not go together."""

    file: FileKind = "wav"
    bits: int = 24

    def __post_init__(self) -> None:
        if self.file not in BITS:
            raise AudioError("recording", f"files of the kind {self.file!r}", ", ".join(BITS))
        if self.bits not in BITS[self.file]:
            allowed = ", ".join(str(bits) for bits in BITS[self.file])
            given = f"{self.bits} bits in a {self.file.upper()} file"
            raise AudioError("recording", given, f"{allowed} bits")

    @property
    def suffix(self) -> str:
        """Of the files' names."""
        return f".{self.file}"
