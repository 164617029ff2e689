"""`chanterelle plugins`: which VST3 plug-ins there are, and what can be turned in one of them."""

import argparse
import json
from dataclasses import asdict
from typing import Any

from ddsp_core.errors import ChanterelleError
from realtime.controls import Control
from realtime.effects import plugin_folders
from realtime.effects.plugin_link import LOAD_LIMIT_S, PluginError, PluginLink, PluginWish

SAMPLE_RATE = 48_000


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Words and flags of `chanterelle plugins`."""
    parser.add_argument(
        "file",
        metavar="FILE",
        nargs="?",
        help="path or name of a plug-in: its parameters, channels and latency (some take a minute)",
    )
    parser.add_argument("--plugin-name", default="", help="which of those in the file")
    parser.add_argument("--json", action="store_true", help="one JSON object")


def run(args: argparse.Namespace) -> int:
    """Prints the list, or the plug-in."""
    if args.file is None:
        found = {name: str(path) for name, path in plugin_folders.installed().items()}
        print(json.dumps({"plugins": found}) if args.json else "\n".join(_list(found)))
        return 0
    said = describe(args.file, args.plugin_name)
    print(json.dumps(said) if args.json else "\n".join(_page(said)))
    return 0


def describe(file: str, plugin_name: str = "", limit_s: float = LOAD_LIMIT_S) -> dict[str, Any]:
    """What a plug-in says of itself, loaded in a process of its own.

    Args:
        file: its path or name.
        plugin_name: which of those in the file.
        limit_s: after so long it is given up.

    Raises:
        ChanterelleError: it is not there or cannot be loaded.
    """
    path = plugin_folders.find(file)
    try:
        link = PluginLink(PluginWish(str(path), plugin_name, SAMPLE_RATE, 1, False), limit_s)
        try:
            latency_samples = link.begin({})
        finally:
            link.close()
    except PluginError as error:
        raise ChanterelleError(str(path), str(error), "a VST3 effect for this computer") from None
    return {
        "name": link.facts.name,
        "file": str(path),
        "n_outputs": link.facts.n_outputs,
        "latency_samples": latency_samples,
        "parameters": [asdict(control) for control in link.facts.controls],
    }


def _list(found: dict[str, str]) -> list[str]:
    if not found:
        return [f"no VST3 plug-in in {', '.join(map(str, plugin_folders.folders()))}"]
    width = max(map(len, found))
    return [f"{name:{width}}  {path}" for name, path in found.items()]


def _page(said: dict[str, Any]) -> list[str]:
    channels = "stereo" if said["n_outputs"] == 2 else "mono"
    controls = [Control(**values) for values in said["parameters"]]
    width = max((len(control.name) for control in controls), default=0)
    return [
        f"{said['name']}, {channels}, {said['latency_samples']} samples of latency of its own",
        f"  - {{kind: plugin, file: {said['file']}, parameters: {{...}}}}",
        *(
            f"{control.name:{width}}  {control.allowed}, default {control.shown(control.default)}"
            for control in controls
        ),
    ]
