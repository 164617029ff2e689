"""Where a person keeps what is theirs: presets, voices, singers' profiles, learned MIDI knobs.

All of it lies below one folder, the platform's own for settings (`~/.config/chanterelle` on Linux,
`~/Library/Application Support/chanterelle` on macOS); `CHANTERELLE_CONFIG` names another one.
"""

import contextlib
import os
from pathlib import Path

from ddsp_core.errors import PresetError

VARIABLE = "CHANTERELLE_CONFIG"


def config_dir() -> Path:
    """The folder; it may not exist yet."""
    if named := os.environ.get(VARIABLE):
        return Path(named).expanduser().absolute()
    import platformdirs  # 20 ms, and only where the variable does not say

    return platformdirs.user_config_path("chanterelle", appauthor=False)


def user_presets_dir() -> Path:
    """Holds NAME/preset.yaml."""
    return config_dir() / "presets"


def user_voices_dir() -> Path:
    """Holds NAME/voice.safetensors."""
    return config_dir() / "voices"


def singers_dir() -> Path:
    """Holds the profiles of singers."""
    return config_dir() / "singers"


def midi_file() -> Path:
    """The knobs that were learned by moving them."""
    return config_dir() / "midi.yaml"


def write_whole(path: Path, text: str) -> None:
    """Writes a small file of a person's own, whole or not at all; its folder is made.

    Raises:
        PresetError: the disk refuses.
    """
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with partial.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            partial.unlink()
        raise PresetError(str(path), f"cannot be written ({error.strerror})", "") from None
