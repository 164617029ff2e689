"""What was found, in plain words: a line a fact, with a mark that says whether it is good."""

from collections.abc import Callable
from typing import Literal, NamedTuple

from realtime.doctor_findings import Cards, CardTrial, Computer, Findings, Load

Mark = Literal["ok", "look", "bad", "?", ""]
"""?: nobody knows. Without a mark: a table's line, which is not wrapped."""


class Line(NamedTuple):
    """One fact."""

    mark: Mark
    text: str


class Section(NamedTuple):
    """Facts under a heading."""

    title: str
    lines: list[Line]


def computer_section(findings: Findings) -> Section:
    """The machine itself."""
    computer = findings.computer
    assert computer is not None
    cores = "1 processor core" if computer.n_cores == 1 else f"{computer.n_cores} processor cores"
    lines = [Line("ok", f"{computer.processor}, {cores}, {computer.system}")]
    if computer.memory_gb is not None:
        free = "" if computer.free_gb is None else f", {computer.free_gb:.1f} GB of it free"
        lines.append(Line("ok", f"{computer.memory_gb:.1f} GB of memory{free}"))
    if computer.is_virtual:
        lines.append(Line("look", "a virtual machine: its host may stop it at any moment"))
    lines += [_speed_line(computer), _power_line(computer)]
    return Section("This computer", lines)


def _speed_line(computer: Computer) -> Line:
    if computer.governor is None:
        return Line("?", "full speed or saving power: this system does not say")
    if computer.governor == "performance":
        return Line("ok", "the processor is set to full speed")
    span = ""
    if computer.lowest_mhz and computer.highest_mhz:
        span = f", {computer.lowest_mhz} to {computer.highest_mhz} MHz"
    return Line("look", f"the processor slows down to save power ({computer.governor}{span})")


def _power_line(computer: Computer) -> Line:
    if computer.on_battery is None:
        return Line("?", "battery or charger: this system does not say")
    return Line("look", "on battery") if computer.on_battery else Line("ok", "the charger is in")


def permissions_section(findings: Findings) -> Section:
    """What this user may do to be in time."""
    allowed = findings.permissions
    assert allowed is not None
    if not allowed.hints and not allowed.realtime_priority:
        first = Line("ok", "this system gives sound its priority by itself; nothing to set")
    elif allowed.realtime_priority:
        most = allowed.realtime_priority
        first = Line("ok", f"sound may go before all other programs (priority up to {most})")
    else:
        first = Line("look", "sound has to wait its turn behind other programs")
    lines = [first]
    if allowed.lockable_bytes is None:
        lines.append(Line("ok", "the instrument can be kept in memory, never swapped to disk"))
    elif allowed.hints:
        lines.append(Line("look", "when memory is short, the system may swap the sound to disk"))
    return Section("Rights", lines)


def kernels_section(findings: Findings) -> Section:
    """The instrument's start."""
    kernels = findings.kernels
    assert kernels is not None
    text = f"{findings.preset} is ready to play after {kernels.ready_s:.1f} s"
    if not kernels.n_compiled_now:
        return Section("Start", [Line("ok", text)])
    parts = f"{kernels.n_compiled_now} of its parts had to be compiled first; they are kept on disk"
    return Section("Start", [Line("look", f"{text}: {parts}, the next start is faster")])


def midi_section(findings: Findings) -> Section:
    """MIDI inputs."""
    midi = findings.midi
    assert midi is not None
    if midi.problem:
        line = Line("look", f"{midi.problem} (only needed for knobs and pedals)")
    elif not midi.inputs:
        line = Line("ok", "none is plugged in (only needed for knobs and pedals)")
    else:
        line = Line("ok", ", ".join(midi.inputs))
    return Section("MIDI inputs", [line])


def disk_section(findings: Findings) -> Section:
    """Recording."""
    disk = findings.disk
    assert disk is not None
    if disk.problem:
        return Section("Recording", [Line("bad", f"{disk.folder} {disk.problem}")])
    speed = f"{disk.speed_mb_s:.0f} MB a second (0.3 are needed)"
    slowest = f"slowest piece {disk.slowest_piece_ms:.0f} ms (up to 10 s do no harm)"
    room = f"room for {disk.free_hours:.0f} hours"
    return Section("Recording", [Line("ok", f"into {disk.folder}: {speed}, {slowest}, {room}")])


def cards_section(findings: Findings) -> Section:
    """Sound cards and how they did."""
    cards, title = findings.cards, "Sound cards"
    if cards is None:
        return Section(title, [Line("look", "not tested: files were given for them")])
    if not cards.speaker:
        names = ", ".join(device.name for device in cards.devices) or "none"
        return Section(title, [Line("bad", cards.problem), Line("look", f"found: {names}")])
    rates = ", ".join(str(rate) for rate in cards.rates_hz) or "none of the usual rates"
    lines = [
        Line("ok", f"microphone: {cards.microphone}; loudspeaker: {cards.speaker}"),
        Line("ok", f"by {cards.host_api}, at {rates} Hz; played at {cards.rate_hz} Hz"),
    ]
    if cards.may_feed_back:
        lines.append(Line("look", "microphone and loudspeaker seem to be in the same case"))
    return Section(title, lines + [_trial_line(trial, cards) for trial in cards.trials])


def _trial_line(trial: CardTrial, cards: Cards) -> Line:
    asked = f"blocks of {trial.asked_block_size}"
    if not trial.asked_block_size:
        asked = f"{cards.host_api.partition(' ')[0]}'s own blocks"
    if trial.problem:
        return Line("bad", f"{asked}: {trial.problem}")
    got = " or ".join(str(size) for size in trial.block_sizes) or "nothing"
    same = trial.block_sizes == (trial.asked_block_size,)
    delay = "tells nonsense about its delay"
    if trial.latency_ms is not None:
        delay = f"delay {trial.latency_ms:.1f} ms in and out"
    lost = "nothing lost"
    if trial.xruns:
        lost = f"sound lost {trial.xruns} times"
    given = "" if same else f" gives {got},"
    text = f"{asked}:{given} {delay}, {lost} in {trial.seconds:.1f} s"
    return Line("ok" if not trial.xruns and trial.latency_ms is not None else "look", text)


def load_section(findings: Findings) -> Section:
    """Computing time against the time there is."""
    title = "Computing, in blocks (the pieces of sound that a card asks for), in ms"
    head = (
        f"{'block':>7} {'time':>7} {'usual':>8} {'1 in 100':>9} {'slowest':>8}"
        f" {'late: us':>10} {'machine':>8} {'others':>7}"
    )
    lines = [Line("", text) for text in (head, *map(_load_row, findings.loads))]
    if any(load.late_own + load.late_machine + load.late_others for load in findings.loads):
        lines += [Line("", text) for text in WHY_LATE]
    return Section(title, lines)


WHY_LATE = (
    "        Late blocks: the instrument was too slow (us), the machine stood still,",
    "        or other programs were in the way.",
)


def _load_row(load: Load) -> str:
    return (
        f"{load.block_size:7} {load.deadline_ms:7.2f} {load.p50_ms:8.3f} {load.p99_ms:9.3f}"
        f" {load.max_ms:8.3f} {load.late_own:10} {load.late_machine:8} {load.late_others:7}"
    )


def watch_section(findings: Findings) -> Section:
    """Timer and standstills."""
    watch, title = findings.watch, "Does the machine keep time?"
    if watch is None or not watch.core_seconds:
        return Section(title, [Line("look", "could not be watched")])
    usual = f"{watch.wake_p50_ms:.2f} ms late as a rule, {watch.wake_p99_ms:.2f} ms 1 time in 100"
    lines = [Line("ok", f"its alarm clock rings {usual}, {watch.wake_max_ms:.1f} ms at worst")]
    for limit_ms in (1.0, 5.0):
        count = sum(length_ms > limit_ms for length_ms in watch.standstills_ms)
        if count:
            often = 60.0 * count / watch.core_seconds
            text = f"a core stood still for over {limit_ms:g} ms {a_minute(often)}"
            lines.append(Line("look", text))
    if not watch.is_realtime and len(lines) > 1:
        lines.append(Line("look", "other programs may be the cause: sound has no priority here"))
    return Section(title, lines)


def a_minute(often: float) -> str:
    """How often, in words.

    >>> a_minute(187.6), a_minute(12.0), a_minute(1.2), a_minute(0.4)
    ('3 times a second', '12 times a minute', 'once a minute', 'less than once a minute')
    """
    if often >= 90.0:
        return f"{often / 60.0:.0f} times a second"
    if often >= 1.5:
        return f"{often:.0f} times a minute"
    return "once a minute" if often >= 0.8 else "less than once a minute"


def others_section(findings: Findings) -> Section:
    """Other programs, and the host."""
    others = findings.others
    assert others is not None
    lines = [
        Line(
            "look", f"{busy.name} (process {busy.pid}) used {100 * busy.core_share:.0f} % of a core"
        )
        for busy in others.busiest
    ] or [Line("ok", "none kept the processor busy for long")]
    if others.core_share is not None and others.core_share >= 0.05:
        together = f"all together used {100 * others.core_share:.0f} % of a core"
        lines.append(Line("look" if others.core_share >= 0.25 else "ok", together))
    if others.stolen_share is not None and others.stolen_share >= 0.001:
        stolen = f"{100 * others.stolen_share:.1f} %"
        lines.append(Line("look", f"the host took {stolen} of the processor for itself"))
    return Section("Other programs", lines)


SECTIONS: dict[str, Callable[[Findings], Section]] = {
    "kernels": kernels_section,
    "computer": computer_section,
    "permissions": permissions_section,
    "midi": midi_section,
    "disk": disk_section,
    "cards": cards_section,
    "loads": load_section,
    "watch": watch_section,
    "others": others_section,
}
"""By the name of the finding, in the order of the examination."""
