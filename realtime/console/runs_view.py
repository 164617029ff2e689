"""One open page of training runs."""

from typing import Any

from nicegui import background_tasks, run, ui

from realtime.console.runs_curve import STEP, TIME
from realtime.console.runs_recipe import quality_files, read_flat, rows_of
from realtime.console.runs_room import RunsRoom
from realtime.console.runs_shelf import Run, as_shown, thinned
from realtime.console.runs_sounds import Group, address, groups_of, laid, laid_out
from realtime.console.takes_parts import Part, Player

LOOK_EVERY_S = 2.0
MOST_CHOSEN = 8
LOSSES = {"loss": "training", "validation_loss": "held out"}


class RunList(Part, component="static/runs_list.js"):
    """All runs, to be ticked. Tells choose."""


class Chart(Part, component="static/runs_chart.js"):
    """Curves over steps or time."""


class Table(Part, component="static/runs_table.js"):
    """Names and values of several runs. Tells all."""


class Listen(Part, component="static/runs_listen.js"):
    """Which run's which sounds are heard. Tells hear."""


class Pictures(Part, component="static/runs_pictures.js"):
    """Of the sound that is heard."""


class RunsView:
    """Builds the page where it is made.

    Args:
        room: what it shares with the others.
    """

    def __init__(self, room: RunsRoom) -> None:
        self._room, self._shelf = room, room.shelf
        self._chosen: list[str] = []
        self._has_chosen = self._shows_all = False
        self._heard = ("", "")
        self._version = -1
        with ui.element("div").classes("rn-page"):
            self._list = RunList()
            with ui.element("div").classes("rn-run") as self._right:
                self._chart = Chart()
                self._quality = Table()
                self._listen = Listen()
                self._player = Player()
                self._pictures = Pictures()
                self._recipe = Table()
        self._list.tell("choose", self._choose)
        self._recipe.tell("all", lambda said: self._show_recipe(all_of_them=bool(said.get("on"))))
        self._listen.tell("hear", self._hear)
        self._right.set_visibility(False)
        self._player.set_visibility(False)
        ui.timer(LOOK_EVERY_S, self._look)

    @property
    def _runs(self) -> list[Run]:
        return [self._shelf.runs[name] for name in self._chosen if name in self._shelf.runs]

    async def _look(self) -> None:
        await self._shelf.refresh()
        if not self._has_chosen:
            self._chosen = [row.name for row in self._shelf.rows[:1]]
        self._list.show(
            rows=[row._asdict() for row in self._shelf.rows],
            chosen=self._chosen,
            problem=self._shelf.problem,
        )
        if self._version != self._shelf.version:
            self._version = self._shelf.version
            await self._show()

    async def _choose(self, said: dict[str, Any]) -> None:
        names = said.get("names")
        known = [str(name) for name in names if name in self._shelf.runs] if names else []
        self._chosen, self._has_chosen = known[-MOST_CHOSEN:], True
        self._list.show(chosen=self._chosen)
        await self._show()

    async def _show(self) -> None:
        runs = self._runs
        self._right.set_visibility(bool(runs))
        self._chart.show(plots=plots_of(runs), places=[self._place(one.name) for one in runs])
        self._show_recipe(all_of_them=self._shows_all)
        qualities = await run.io_bound(_qualities, runs) or {}
        self._quality.show(
            title="Measured quality",
            columns=list(qualities),
            rows=rows_of(qualities, all_of_them=True),
            canShowAll=False,
        )
        await self._show_sounds()

    def _show_recipe(self, *, all_of_them: bool) -> None:
        self._shows_all = all_of_them
        recipes = {one.name: one.recipe for one in self._runs}
        is_one = len(recipes) == 1
        self._recipe.show(
            title="Recipe" if is_one else "Recipes: what differs",
            columns=list(recipes),
            rows=rows_of(recipes, all_of_them=is_one or all_of_them),
            canShowAll=not is_one,
            same="They were made with the same recipe.",
        )

    def _place(self, name: str) -> int:
        """Of its colour: a run keeps it whatever else is chosen."""
        return sorted(self._shelf.runs).index(name)

    async def _show_sounds(self) -> None:
        runs = self._runs
        groups = await run.io_bound(_groups, runs) or {}
        options = [{"run": name, "titles": list(found)} for name, found in groups.items() if found]
        if self._heard[1] not in groups.get(self._heard[0], {}):
            first = next(((name, title) for name, of in groups.items() for title in of), ("", ""))
            self._heard = first
        self._listen.show(options=options, run=self._heard[0], heard=self._heard[1])
        group = groups.get(self._heard[0], {}).get(self._heard[1])
        self._player.set_visibility(group is not None)
        self._pictures.set_visibility(group is not None)
        if group is not None:
            background_tasks.create(self._lay_out(group, self._heard))

    async def _lay_out(self, group: Group, heard: tuple[str, str]) -> None:
        """What is to be heard goes where it is served."""
        lanes, pictures = await run.io_bound(_laid_out, group, self._room) or ([], [])
        if heard == self._heard:
            label = f"{heard[1]} of {heard[0]}"
            self._player.show(lanes=lanes, marks=[], source=label, label=label, begin="")
            self._pictures.show(pictures=pictures, heard=heard[1])

    async def _hear(self, said: dict[str, Any]) -> None:
        self._heard = (str(said.get("run")), str(said.get("title")))
        await self._show_sounds()


def plots_of(runs: list[Run]) -> dict[str, list[dict[str, Any]]]:
    """What the chart can draw, by title: a curve a run, of the loss two."""
    plots: dict[str, list[dict[str, Any]]] = {"loss": []}
    for one in runs:
        columns = one.curve.columns
        for name, ys in columns.items():
            if name not in {STEP, TIME}:
                title = "loss" if name in LOSSES else name
                line = _line(one.name, LOSSES.get(name, name), columns[STEP], ys)
                times = thinned(columns[STEP], columns.get(TIME, []))[1] if TIME in columns else []
                plots.setdefault(title, []).append({**line, "t": as_shown(times)})
        for tag, pairs in one.figures.items():
            steps, values = [float(step) for step, _ in pairs], [value for _, value in pairs]
            plots.setdefault(tag.replace("_", " "), []).append(_line(one.name, tag, steps, values))
    return plots


def _line(run_name: str, name: str, steps: list[float], values: list[float]) -> dict[str, Any]:
    xs, ys = thinned(steps, values)
    return {"run": run_name, "name": name, "x": xs, "y": as_shown(ys), "t": []}


def _qualities(runs: list[Run]) -> dict[str, dict[str, str]]:
    return {
        f"{one.name}: {path.relative_to(one.folder)}": read_flat(path)
        for one in runs
        for path in quality_files(one.folder)
    }


def _groups(runs: list[Run]) -> dict[str, dict[str, Group]]:
    return {one.name: groups_of(one.items, one.folder) for one in runs}


def _laid_out(group: Group, room: RunsRoom) -> tuple[list[Any], list[Any]]:
    lanes = [laid_out(sound, room.work) for sound in group.sounds]
    pictures = [(title, laid(item, room.work)) for title, item in group.pictures]
    shown = [{"title": title, "url": address(path)} for title, path in pictures if path]
    return [lane for lane in lanes if lane is not None], shown
