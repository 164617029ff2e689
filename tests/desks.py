"""A host that only notes down what it is asked for, and a desk before it."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from ddsp_core.errors import ControlError
from realtime.controls import Control, check_values, find_control
from realtime.desk import Change, Desk
from realtime.preset import Preset

ECHO = (
    Control("mix", 0, 1, 0.2, "", 0.02, "how much of it"),
    Control("time_s", 0.001, 2, 0.3, "s", 0.02, "until it comes back"),
)


def a_preset(name: str, **controls: float) -> Preset:
    """With these values of controls; it plays no voice that exists."""
    folder = Path("voices") / name
    values = check_values(controls)
    return Preset(name, folder, values, (), Path(f"{name}.yaml"), title=name.capitalize())


class FakeInstrument:
    """Satisfies `desk.Instrument`; every preset has one effect, `echo`.

    Args:
        presets: the set; else violin, cello and flute.
    """

    def __init__(self, presets: Sequence[Preset] = ()) -> None:
        self.presets = tuple(presets) or (
            a_preset("violin"),
            a_preset("cello", octave_shift=-1, room_mix=0.4),
            a_preset("flute", room_mix=0.7),
        )
        self.asked: list[tuple[str, object]] = []
        """What was asked for, in order: (method, argument)."""
        self.is_bypassed = False
        self.effects_out: set[str] = set()
        self.tempo_bpm = 120.0
        self.number = 0
        self._values: dict[str, float] = {}
        self.kept: dict[int, tuple[dict[str, float], set[str]]] = {}
        self.choose(0)
        self.asked.clear()

    @property
    def control_values(self) -> Mapping[str, float]:
        return self._values

    def find_control(self, name: str, where: str = "") -> Control:
        effect, dot, parameter = name.partition(".")
        if not dot:
            return find_control(name, where)
        for control in ECHO:
            if effect == "echo" and control.name == parameter:
                return control
        raise ControlError(where or name, f"no parameter {name!r}", "echo.mix, echo.time_s")

    def set_control(self, name: str, value: float) -> None:
        self._values = {**self._values, name: value}
        self.asked.append((name, value))

    def choose(self, number: int) -> None:
        self.number = number
        self.effects_out = set()
        self._order = "output: hall, echo"
        effects = {f"echo.{control.name}": float(control.default) for control in ECHO}
        self._values = {**self.presets[number].controls, **effects}
        if number in self.kept:
            self._values, self.effects_out = self.kept[number][0], set(self.kept[number][1])
        self.asked.append(("choose", number))

    def keep_preset(self) -> None:
        self.kept[self.number] = (self._values, set(self.effects_out))
        self.asked.append(("keep_preset", None))

    def bypass(self, on: bool) -> None:
        self.is_bypassed = on
        self.asked.append(("bypass", on))

    def bypass_effect(self, name: str) -> bool:
        if name != "echo":
            raise ControlError("bypass_effect", f"no effect {name!r}", "there are: echo")
        self.effects_out ^= {name}
        self.asked.append(("bypass_effect", name))
        return name in self.effects_out

    @property
    def effect_order(self) -> Mapping[str, str]:
        return {"output": self._order}

    def find_order(self, order: str) -> str:
        if sorted(order.removeprefix("output: ").split(", ")) != ["echo", "hall"]:
            raise ControlError("effect_order", f"no effects {order!r}", "there are: hall, echo")
        return "output: " + order.removeprefix("output: ")

    def order_effects(self, order: str) -> None:
        self._order = order
        self.asked.append(("order_effects", order))

    def panic(self) -> None:
        self.asked.append(("panic", None))

    def set_tempo(self, bpm: float) -> None:
        self.tempo_bpm = bpm
        self.asked.append(("set_tempo", bpm))


def a_desk(presets: Sequence[Preset] = ()) -> tuple[Desk, FakeInstrument, list[Change]]:
    """A desk, the instrument behind it, and the list of all changes that it will tell."""
    instrument = FakeInstrument(presets)
    desk = Desk(instrument)
    changes: list[Change] = []
    desk.listen(changes.append)
    return desk, instrument, changes
