"""What is seen of a run, in a terminal and in a file."""

import io

from rich.console import Console

from training.progress import Display


class Clock:
    """Ten seconds a look."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        self.now_s += 10.0
        return self.now_s


def shown(*, is_terminal: bool) -> str:
    console = Console(file=io.StringIO(), force_terminal=is_terminal, width=160)
    with Display(console, 100, 40, audio_s=30.0, clock=Clock()) as display:
        for step in (41, 42, 43):
            display.trained(step, loss=float(step))
        display.validated(held_out=7.25, best=6.5)
        display.trained(44, loss=44.0)
        display.say("stopped [here]")
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_without_a_terminal_there_is_a_line_a_validation() -> None:
    line = (
        "step 43/100  loss 42.000  held out 7.250 (best 6.500)  0.10 steps/s  3.0 s of sound/s  "
        "left 0:09:30"
    )
    assert shown(is_terminal=False).splitlines() == [line, "stopped [here]"]


def test_a_terminal_has_a_bar_with_loss_speed_and_time_left() -> None:
    last = [line for line in shown(is_terminal=True).splitlines() if "44/100" in line][-1]
    for part in ("━", "44/100", "loss 42.500", "held out 7.250", "0.10 steps/s", "left 0:09:20"):
        assert part in last
    assert "stopped [here]" in shown(is_terminal=True)
