"""The benchmarks of what a stage needs run, and find what they are to find."""

import json
import subprocess
import sys
from pathlib import Path

from realtime.osc import MOST_PER_S

ROOT = Path(__file__).resolve().parent.parent


def result_of(module: str) -> dict[str, object]:
    command = [sys.executable, "-m", f"benchmarks.{module}", "--quick"]
    done = subprocess.run(
        command, cwd=ROOT, check=True, capture_output=True, text=True, timeout=120
    )
    result: dict[str, object] = json.loads(done.stdout)
    return result


def test_the_view_costs_little() -> None:
    shares = result_of("view_cost")
    assert 0.0 < float(str(shares["stage view"])) < 0.04, "the line before it took that much"


def test_a_flood_of_osc_reaches_the_server_and_is_rationed() -> None:
    result = result_of("osc_flood")
    sent, done = (float(str(result[name])) for name in ("packets_per_s", "messages_per_s"))
    assert 0 < done < 1.3 * MOST_PER_S
    assert sent > 2 * done
