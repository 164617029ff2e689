"""`chanterelle devices`: the sound cards that `play --input` and `--output` can name."""

import argparse
import json
from dataclasses import asdict

from realtime.devices import HOW_TO_GO_ON, Machine, load_portaudio, look_around


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Flags of `chanterelle devices`."""
    parser.add_argument("--json", action="store_true", help="one JSON object")


def run(args: argparse.Namespace) -> int:
    """Prints the list."""
    machine = look_around(load_portaudio())
    if args.json:
        print(json.dumps({"devices": [asdict(device) for device in machine.devices]}))
    elif machine.devices:
        print("\n".join(describe(machine)))
    else:
        print(f"no sound card found: {HOW_TO_GO_ON}")
    return 0


def describe(machine: Machine) -> list[str]:
    """A line for each device; > marks the machine's own input, < its own output."""
    width = max(len(device.name) for device in machine.devices)
    return [
        f"{'>' if device.index == machine.default_input else ' '}"
        f"{'<' if device.index == machine.default_output else ' '}"
        f" {device.index:3}  {device.name:{width}}  {device.host_api:10}"
        f"  {device.n_inputs} in, {device.n_outputs} out, {device.default_rate_hz} Hz"
        for device in machine.devices
    ]
