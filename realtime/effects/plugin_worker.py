"""A plug-in's own process: whatever its native code does, it does it here.

    python -m realtime.effects.plugin_worker MEMORY CALLS NEWS {"file": ..., "sample_rate": ...}

`realtime/effects/plugin_link.py` starts it and names three descriptors: the shared rings, the pipe
of calls and the pipe of news. It says what it has loaded, is told how the parameters stand, says
how late it is, and answers frames from then on. It ends when the pipe of calls does, as soon as
the engine is gone. Where it may, it runs in real time, below the audio thread: its answers are due
one block after the questions.
"""

import gc
import json
import os
import signal
import sys
from dataclasses import asdict
from typing import Any

from realtime.effects.plugin_frames import N_SLOTS, PluginFrames
from realtime.effects.plugin_pipes import leave_with, receive, send, wait_for_call
from realtime.effects.plugin_vst import UnusableError, Vst
from realtime.scheduling import AUDIO_PRIORITY, lock_memory, raise_this_thread, rights

PRIORITY = AUDIO_PRIORITY - 5
"""Below the audio thread, which never waits for it; above the guide, whose answers are less due."""


def serve(frames: PluginFrames, vst: Vst, calls: int) -> None:
    """Answers frames until there are no more calls. One that is gone already is left out."""
    following = 1
    while (newest := wait_for_call(calls)) is not None:
        for number in range(max(following, newest - N_SLOTS + 1), newest + 1):
            question = frames.question(number)
            if question is not None:
                frames.reply(number, vst.play(question))
        following = newest + 1


def main(arguments: list[str]) -> None:
    """Loads, introduces itself, and serves."""
    for number in (signal.SIGINT, signal.SIGHUP):  # they mean the engine, and we go with it
        signal.signal(number, signal.SIG_IGN)
    memory, calls, news = map(int, arguments[:3])
    leave_with(calls)
    wanted: dict[str, Any] = json.loads(arguments[3])
    n_inputs = int(wanted["n_inputs"])
    try:
        vst = Vst(wanted["file"], wanted["plugin_name"], wanted["sample_rate"], n_inputs)
    except UnusableError as error:
        send(news, {"problem": str(error)})
        return
    except Exception as error:  # what native code and its tables may hold nobody knows
        send(news, {"problem": f"cannot be read ({type(error).__name__}: {error})"[:300]})
        return
    controls = [asdict(scale.control) for scale in vst.scales]
    send(news, {"name": vst.name, "n_outputs": vst.n_outputs, "controls": controls})
    if (changes := receive(calls)) is None:
        return
    vst.begin_with([(int(index), float(value)) for index, value in changes])
    latency_samples = vst.find_latency()
    frames = PluginFrames(memory, n_inputs, vst.n_outputs)
    if wanted["is_live"]:
        _be_in_time()
    send(news, {"latency_samples": latency_samples})
    serve(frames, vst, calls)


def _be_in_time() -> None:
    gc.collect()
    gc.freeze()
    gc.disable()
    if highest := rights().realtime_priority:
        raise_this_thread(min(PRIORITY, highest))
    lock_memory()


if __name__ == "__main__":
    main(sys.argv[1:])
    os._exit(0)  # native code that is torn down in order has more ways to hang
