"""Kernels on disk are played only as long as nothing behind them has changed."""

import os
import subprocess
import sys
from pathlib import Path

import numba
import pytest
from numba.core.caching import InTreeCacheLocator

import ddsp_core.elementary
import realtime.effects.high_pass
import realtime.hop
from ddsp_core.kernel_cache import files_behind, stamp_of

INNER = "from numba import njit\n@njit(cache=True)\ndef inner(x):\n    return x + {}\n"
OUTER = """from numba import njit
from training.inner import inner
@njit(cache=True)
def outer(x):
    return inner(x) * 10
"""
PROGRAM = "{}; from training.outer import outer; print(outer(1), outer.stats.cache_hits != {{}})"


def test_all_that_is_compiled_into_the_engines_kernel_stands_behind_it() -> None:
    names = {path.name for path in files_behind(Path(realtime.hop.__file__))}
    assert {"hop.py", "live_voice.py", "attack.py", "fourier.py", "limiter.py", "units.py"} <= names
    assert not {"session.py", "engine.py"} & names


def test_files_in_a_package_of_a_package_have_theirs_behind_them_too() -> None:
    names = {path.name for path in files_behind(Path(realtime.effects.high_pass.__file__))}
    assert {"svf.py", "denormals.py"} <= names


def test_numba_asks_for_the_stamp_of_all_of_them() -> None:
    locator = realtime.hop.play_hops._cache._impl.locator
    assert locator.get_source_stamp() == stamp_of(Path(realtime.hop.__file__).resolve())
    assert numba.config.CACHE_LOCATOR_CLASSES


def test_numbas_own_stamp_does_for_a_file_that_imports_none_of_ours() -> None:
    ours = ddsp_core.elementary.cosine._cache._impl.locator
    path = ddsp_core.elementary.__file__
    numbas = InTreeCacheLocator(ddsp_core.elementary.cosine.py_func, path)
    assert ours.get_source_stamp() == numbas.get_source_stamp()


@pytest.mark.parametrize("first", ["import ddsp_core", "import numba, ddsp_core"])
def test_a_kernel_is_compiled_anew_when_what_it_calls_has_changed(
    tmp_path: Path, first: str
) -> None:
    package = tmp_path / "training"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "outer.py").write_text(OUTER, encoding="utf-8")

    def said() -> str:
        command = [sys.executable, "-c", PROGRAM.format(first)]
        clean = {name: value for name, value in os.environ.items() if "LOCATOR" not in name}
        done = subprocess.run(
            command, cwd=tmp_path, env=clean, capture_output=True, text=True, check=True
        )
        return done.stdout.strip()

    (package / "inner.py").write_text(INNER.format(1), encoding="utf-8")
    assert said() == "20 False"
    assert said() == "20 True"
    (package / "inner.py").write_text(INNER.format(2), encoding="utf-8")
    assert said() == "30 False"
