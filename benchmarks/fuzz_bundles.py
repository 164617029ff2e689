"""Bundles with anything in them: they are taken whole, or refused in one line, and leave nothing.

    python -m benchmarks.fuzz_bundles [--cases 100000] [--seed 0] [--quick] [--json]

A good bundle of a small voice, a preset and an impulse response is changed: bytes of the finished
zip; fields of its headers; names, contents, kinds and packing of its members. It is imported into
an empty folder. If it is refused, that folder is as it was; if it is taken, the preset loads; and
in no case anything is written elsewhere.
"""

import os
import random
import shutil
import stat
import sys
import tempfile
import warnings
import zipfile
from pathlib import Path

from benchmarks.fuzz_yaml import mutated
from benchmarks.fuzzing import Findings, fuzz, main
from realtime.bundle_import import import_bundle
from realtime.places import VARIABLE
from realtime.preset import load_preset

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from bundles import TEXT, Members, a_bundle, everything_below, zipped

ROOM = "effects: {output: [{kind: room, file: hall.wav, mix: 0.2}]}\n"
NAMES = (
    "../x", "/x", "C:\\x", "..\\x", "preset.yaml", "PRESET.YAML", "voices/mine/../../../x", "x\0y",
    "voices/mine/run.py", "rooms/nul.wav", "voices/x/voice.safetensors", "rooms/x.flac", "", "a/",
    "x" * 5000, "\u202egpj.exe", "voices//x", "manifest.json", "rooms/hall.wav/x",
)  # fmt: skip


def changed(good: Members, chance: random.Random) -> bytes:
    """The bytes of a zip that is wrong in one way or several."""
    members = [*good]
    for _ in range(chance.choice((0, 1, 1, 2))):
        members = _with_other_member(members, chance)
    packing = chance.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2))
    data = bytearray(zipped(members, packing))
    for _ in range(chance.choice((0, 1, 1, 2, 8))):
        _damage(data, chance)
    if chance.random() < 0.1:
        del data[chance.randrange(len(data) + 1) :]
    return bytes(data)


def _with_other_member(members: Members, chance: random.Random) -> Members:
    at = chance.randrange(len(members)) if members else 0
    way = chance.randrange(6)
    if way == 0 or not members:
        return [*members, (_info(chance.choice(NAMES), chance), chance.randbytes(20))]
    name, data = members[at]
    known = name if isinstance(name, str) else name.filename
    if way == 1:
        data = mutated(data.decode("latin-1"), chance)[:70_000]
    elif way == 2:
        data = chance.choice((b"", data * 2, bytes(3_000_000), chance.randbytes(100), data[:40]))
    elif way == 3:
        return [*members[:at], *members[at + 1 :]]
    elif way == 4:
        return [*members, (_info(known, chance), data)]
    else:
        name = _info(chance.choice((*NAMES, known)), chance)
    return [*members[:at], (name, data), *members[at + 1 :]]


def _info(name: str, chance: random.Random) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo("x")
    info.filename = name
    kind = chance.choice((0, 0, stat.S_IFREG, stat.S_IFLNK, stat.S_IFDIR))
    info.external_attr = (kind | 0o777) << 16
    return info


def _damage(data: bytearray, chance: random.Random) -> None:
    """A byte anywhere, or a field near one of the headers, where it hurts most."""
    at = chance.randrange(len(data))
    if chance.random() < 0.7:
        mark = chance.choice((b"PK\1\2", b"PK\3\4", b"PK\5\6"))
        at = max(data.find(mark, at), data.rfind(mark), 0) + chance.randrange(46)
    odd = chance.choice((0, 1, 0x7F, 0x80, 0xFF, chance.randrange(256)))
    for place in range(at, min(at + chance.choice((1, 1, 2, 4)), len(data))):
        data[place] = odd


def fuzz_bundles(n_cases: int, seed: int) -> Findings:
    warnings.simplefilter("ignore", UserWarning)  # zipfile's, at names that stand twice
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        own = folder / "own"
        os.environ[VARIABLE] = str(own)
        good = a_bundle(folder / "seed", TEXT + ROOM)
        bundle = folder / "case.chanterelle"
        import_bundle(folder / "seed" / "solo.chanterelle")  # what it compiles is no case's time
        shutil.rmtree(own)
        bundle.touch()
        before = everything_below(folder)

        def case(chance: random.Random) -> None:
            bundle.write_bytes(changed(good, chance))
            try:
                done = import_bundle(bundle)
                if done.kind == "preset":
                    load_preset(done.name)
                assert done.folder.is_relative_to(own)
                shutil.rmtree(own)
            finally:
                after = everything_below(folder)
                assert after == before, f"left behind: {sorted(after ^ before)}"

        return fuzz(case, n_cases, seed)


if __name__ == "__main__":
    sys.exit(main(__doc__, {"bundles": fuzz_bundles}))
