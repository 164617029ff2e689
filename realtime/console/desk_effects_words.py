"""What the effects of a preset are said to be: their order, and what is wrong with them."""

from collections.abc import Iterable, Sequence

SIDES = ("input", "output")
OVERLOAD = "overload: "


def names_of(order: str, all_names: Sequence[str]) -> list[str]:
    """The names of an order, or all in theirs if it is of other effects.

    >>> names_of("output: hall, echo", ["echo", "hall"])
    ['hall', 'echo']
    >>> names_of("", ["echo", "hall"])
    ['echo', 'hall']
    """
    names = [name.strip() for name in order.partition(":")[2].split(",")]
    return names if sorted(names) == sorted(all_names) else list(all_names)


def troubles_of(names: Sequence[str], problems: Iterable[str]) -> dict[str, str]:
    """What the performer is told of single effects, by their names.

    >>> troubles_of(["echo", "hall"], ["overload: hall left out; echo: crashed"])
    {'hall': 'left out: the computer is overloaded', 'echo': 'crashed'}
    """
    troubles = {}
    for problem in "; ".join(problems).split("; "):
        head, _, words = problem.partition(": ")
        if head in names:
            troubles[head] = words
        elif problem.startswith(OVERLOAD):
            for name in words.removesuffix(" left out").split(", "):
                if name in names:
                    troubles[name] = "left out: the computer is overloaded"
    return troubles
