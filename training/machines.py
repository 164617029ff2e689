"""Where training runs: CPU or GPUs, one process or several, one machine or several.

Lightning Fabric starts the other processes of this machine itself and joins them (DDP: every
process trains on its share of the batch, gradients are averaged). On several machines the same
command is given on each, with the first one's address; run folder and dataset must be reachable
there under the same path:

    MASTER_ADDR=first MASTER_PORT=29500 NODE_RANK=0 \\
        chanterelle-train train DATASET --out RUN --nodes 2 --devices 4
    MASTER_ADDR=first MASTER_PORT=29500 NODE_RANK=1 \\
        chanterelle-train train DATASET --out RUN --nodes 2 --devices 4

or, where torchrun starts all processes,

    torchrun --nnodes 2 --nproc-per-node 4 --rdzv-backend c10d --rdzv-endpoint first:29500 \\
        -m training.cli train DATASET --out RUN --nodes 2 --devices 4

Source: Fabric's guide, https://lightning.ai/docs/fabric/stable/fundamentals/launch.html
"""

import contextlib
import os
import sys
from collections.abc import Iterator
from typing import Any, Literal, NamedTuple

import torch
from lightning_fabric import Fabric
from lightning_fabric.plugins.precision import MixedPrecision, Precision
from torch import Tensor

from ddsp_core.errors import ChanterelleError, RecipeError
from training.recipe import Recipe

Device = Literal["auto", "cpu", "cuda"]
LOST = ("Connection closed by peer", "Connection reset by peer", "Broken pipe", "Timed out waiting")
"""What torch.distributed says when another process is no longer there."""


class Machines(NamedTuple):
    """How many of what."""

    device: Device = "auto"
    devices: int = 1
    """GPUs, or processes on the CPU, on each machine."""
    nodes: int = 1
    """Machines."""

    @property
    def n_processes(self) -> int:
        """On all machines together."""
        return self.devices * self.nodes


ONE_DEVICE = Machines()


class Bf16InsideOnly(MixedPrecision):
    """bf16 where autocast finds it safe, but the voice's inputs stay as they are.

    Fabric's own would round them to bf16's eight significant bits: a pitch by up to 3.4 cents.
    """

    def convert_input(self, data: Any) -> Any:
        """Nothing is converted."""
        return data


def launch(machines: Machines, recipe: Recipe) -> Fabric:
    """Joins all processes, after starting those that this machine lacks.

    Raises:
        RecipeError: no such GPU, or a batch that cannot be shared evenly.
    """
    kind = _device(machines)
    if recipe.batch_size % machines.n_processes:
        given = f"{recipe.batch_size} windows for {machines.n_processes} processes"
        raise RecipeError("batch_size", given, "as many for each", "--set batch_size=...")
    _check_torchrun(machines)
    precision: Precision = Precision()
    if recipe.precision == "bf16-mixed":
        precision = Bf16InsideOnly("bf16-mixed", kind)
    fabric = Fabric(
        accelerator=kind,
        devices=machines.devices,
        num_nodes=machines.nodes,
        strategy="ddp" if machines.n_processes > 1 else "auto",
        plugins=precision,
    )
    fabric.launch()
    return fabric


def over_all(fabric: Fabric, values: Tensor, how: Literal["mean", "sum"]) -> Tensor:
    """Mean or sum over all processes, the same in each. Shape: any -> the same."""
    reduced = fabric.all_reduce(values, reduce_op=how)
    assert isinstance(reduced, Tensor)
    return reduced


@contextlib.contextmanager
def all_or_none(fabric: Fabric) -> Iterator[None]:
    """When one process fails all end, and the first one says why; at the end all part in order.

    Raises:
        RecipeError: another process went away.
    """
    try:
        yield
        _part(fabric)
    except BaseException as error:
        for other in getattr(fabric.strategy.launcher, "procs", []):
            other.kill()  # those that wait for this one would wait for ever
        if fabric.global_rank > 0 and isinstance(error, ChanterelleError):
            raise SystemExit(error.exit_code) from None
        if fabric.world_size > 1 and any(words in str(error) for words in LOST):
            given = "another process of this run is gone"
            todo = "look at what it said; --resume goes on from the newest checkpoint"
            where = f"process {fabric.global_rank} of {fabric.world_size}"
            raise RecipeError(where, given, "all of them until the end", todo) from error
        raise


def _part(fabric: Fabric) -> None:
    """The threads that talk to the other processes end while there is an interpreter to end them.

    Left running, one of them may ask for Python's lock when Python is gone, which aborts the
    process (seen once in some hundred runs, on a busy machine).
    """
    if fabric.world_size > 1:
        fabric.barrier()
        torch.distributed.destroy_process_group()


def leave_if_started_by_another() -> None:
    """Ends a process that Fabric started for its share of the work, now that this is done.

    At once, as what is left of torch in it may still abort in Python's own clean-up, which would
    count as a failure of the run. Nothing of it is unsaved: the first process alone writes.
    """
    if int(os.environ.get("LOCAL_RANK", "0")) > 0:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(0)


def _device(machines: Machines) -> Literal["cpu", "cuda"]:
    found = torch.cuda.device_count()
    if machines.device == "cpu" or (machines.device == "auto" and found == 0):
        return "cpu"
    if machines.devices > found:
        given = f"--devices {machines.devices}" if found else "--device cuda"
        allowed = f"this machine has {found} GPUs" if found else "torch finds no GPU here"
        raise RecipeError("train", given, allowed, "leave it out, or --device cpu")
    return "cuda"


def _check_torchrun(machines: Machines) -> None:
    """Unequal numbers would train several voices into one folder."""
    started = int(os.environ.get("WORLD_SIZE", "1")) if "TORCHELASTIC_RUN_ID" in os.environ else 0
    if started and started != machines.n_processes:
        given = f"it started {started} processes"
        allowed = f"--devices {machines.devices} --nodes {machines.nodes}"
        raise RecipeError("torchrun", given, allowed, "give both the same numbers")
