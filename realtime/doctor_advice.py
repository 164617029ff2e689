"""What to change on a machine, most useful first. Pure functions, one a cause."""

from collections.abc import Callable, Sequence

from realtime.doctor_findings import BLOCK_SIZES, Findings
from realtime.doctor_verdict import BREAKS_A_MINUTE_MAX, OWN_SHARE_MAX, Verdict

BUSY_SHARE = 0.25
"""Of one core, from which a program is worth closing."""

FREE_GB_MIN = 0.5
SWAPPED_GB_MAX = 0.5
SLOW_PIECE_MS = 1000.0
FREE_HOURS_MIN = 1.0
STOLEN_SHARE_MAX = 0.01
NO_CARD = (
    "Plug in a sound card with a microphone and headphones, or start JACK, a sound server; then"
    " test again. Without one a recording can sing: chanterelle play --input file:CLIP --output"
    " file:OUT.wav"
)

Rule = Callable[[Findings, Verdict], list[str]]


def advise(findings: Findings, verdict: Verdict) -> list[str]:
    """All that would help, the cause of the worst trouble first."""
    if any(size.own_share > OWN_SHARE_MAX for size in verdict.sizes if size.block_size >= 128):
        first: Sequence[Rule] = SPEED + STANDSTILLS
    else:
        first = STANDSTILLS + SPEED
    rules = (*CARD, *first, *LATER)
    return [line for rule in rules for line in rule(findings, verdict)]


def close_programs(findings: Findings, _: Verdict) -> list[str]:
    """Programs that keep a core busy."""
    others = findings.others
    if others is None:
        return []
    named = [busy for busy in others.busiest if busy.core_share >= BUSY_SHARE]
    if not named and (others.core_share or 0.0) >= BUSY_SHARE:
        share = f"{100 * (others.core_share or 0.0):.0f} %"
        return [f"Close other programs: together they kept {share} of one processor core busy."]
    return [
        f"Close {busy.name} (process {busy.pid}): it kept {100 * busy.core_share:.0f} % of one"
        " processor core busy."
        for busy in named
    ]


def get_rights(findings: Findings, _: Verdict) -> list[str]:
    """Real-time priority, where the system would grant it."""
    allowed = findings.permissions
    if allowed is None or allowed.realtime_priority:
        return []
    return [_sentence(hint) for hint in allowed.hints[:1]]


def lock_memory(findings: Findings, _: Verdict) -> list[str]:
    """What else the system would grant."""
    allowed = findings.permissions
    if allowed is None:
        return []
    return [_sentence(hint) for hint in allowed.hints[0 if allowed.realtime_priority else 1 :]]


def leave_virtual_machine(findings: Findings, verdict: Verdict) -> list[str]:
    """A host that stops its guests."""
    computer, others, watch = findings.computer, findings.others, findings.watch
    is_stolen = bool(others and (others.stolen_share or 0.0) > STOLEN_SHARE_MAX)
    # Without priority it may have been other programs: then a test with it comes first.
    is_host = bool(watch and watch.is_realtime) and any(
        size.standstills_a_minute > BREAKS_A_MINUTE_MAX for size in verdict.sizes
    )
    if not (computer and computer.is_virtual) or not (is_host or is_stolen):
        return []
    longest_ms = max(watch.standstills_ms, default=0.0) if watch else 0.0
    return [
        "Play on a real computer: this is a virtual machine, and its host stops it whenever it"
        f" likes (here for up to {longest_ms:.1f} ms). No setting in here prevents that."
    ]


def look_for_firmware(findings: Findings, verdict: Verdict) -> list[str]:
    """Standstills of a real machine that has all rights."""
    computer, watch = findings.computer, findings.watch
    if computer is None or computer.is_virtual or watch is None or not watch.is_realtime:
        return []
    if all(size.standstills_a_minute <= BREAKS_A_MINUTE_MAX for size in verdict.sizes[2:]):
        return []
    return [
        "The computer itself stands still although no program is in the way: switch off Wi-Fi and"
        " Bluetooth, unplug docking stations, update its firmware (BIOS), and test again."
    ]


def plug_in(findings: Findings, _: Verdict) -> list[str]:
    """Battery power."""
    if findings.computer is None or not findings.computer.on_battery:
        return []
    return ["Plug the charger in: on battery the processor slows down."]


def full_speed(findings: Findings, _: Verdict) -> list[str]:
    """A governor that saves power."""
    computer = findings.computer
    if computer is None or computer.governor in (None, "performance"):
        return []
    return [
        f"Let the processor run at full speed while you play (it is set to {computer.governor}):"
        " sudo cpupower frequency-set -g performance, or 'performance' in the system's power"
        " settings."
    ]


def lighter_voice(_: Findings, verdict: Verdict) -> list[str]:
    """Nothing is fast enough."""
    if not verdict.sizes or any(size.own_share <= OWN_SHARE_MAX for size in verdict.sizes):
        return []
    return ["Choose a preset with a smaller voice: this one is too much for this processor."]


def free_memory(findings: Findings, _: Verdict) -> list[str]:
    """Little memory left."""
    computer = findings.computer
    if computer is None:
        return []
    is_short = computer.free_gb is not None and computer.free_gb < FREE_GB_MIN
    is_swapping = (computer.swapped_gb or 0.0) > SWAPPED_GB_MAX
    if not is_short and not is_swapping:
        return []
    return ["Close programs or start the computer anew: memory is short, and what is swapped out to"
            " disk comes back too late for sound."]  # fmt: skip


def get_card(findings: Findings, _: Verdict) -> list[str]:
    """No usable sound card, or one that does not do what it should."""
    cards = findings.cards
    if cards is None:
        return []
    if not cards.speaker:
        return [_sentence(cards.problem) if "PortAudio" in cards.problem else NO_CARD]
    return [
        f"The sound card failed with blocks of {trial.asked_block_size}: {trial.problem}."
        if trial.asked_block_size
        else f"JACK, the sound server, failed: {trial.problem}."
        for trial in cards.trials
        if trial.problem and (not trial.asked_block_size or _is_all_bad(findings))
    ][:1]


def match_jack(findings: Findings, verdict: Verdict) -> list[str]:
    """JACK's own block size is not the safe one."""
    cards, safe = findings.cards, verdict.safe_block_size
    if cards is None or safe is None or not cards.host_api.startswith("JACK"):
        return []
    size = next((trial.block_sizes[0] for trial in cards.trials if trial.block_sizes), safe)
    if size == safe:
        return []
    why = "it loses sound as it is" if size < safe else "it would answer sooner"
    return [f"Start JACK, the sound server, with blocks of {safe} (-p {safe}): it has {size},"
            f" {why}."]  # fmt: skip


def match_rate(findings: Findings, _: Verdict) -> list[str]:
    """A card at another rate than the voice's."""
    cards = findings.cards
    wanted = findings.voice_rate_hz
    if cards is None or not wanted or cards.rate_hz in (None, wanted):
        return []
    if wanted not in cards.rates_hz:
        return []
    return [f"Set the sound card to {wanted} Hz: at {cards.rate_hz} Hz every sound is converted"
            " twice, which costs time and delay."]  # fmt: skip


def use_headphones(findings: Findings, _: Verdict) -> list[str]:
    """Microphone and loudspeaker in one case."""
    if findings.cards is None or not findings.cards.may_feed_back:
        return []
    return ["Use headphones: microphone and loudspeaker seem to be in the same case, and the"
            " instrument would hear itself and howl."]  # fmt: skip


def other_disk(findings: Findings, _: Verdict) -> list[str]:
    """A disk on which a recording would fail."""
    disk = findings.disk
    if disk is None:
        return []
    if disk.problem:
        return [f"Record into another folder (--record DIR): {disk.folder} {disk.problem}."]
    if disk.slowest_piece_ms > SLOW_PIECE_MS:
        return [f"Record onto another disk: this one took {disk.slowest_piece_ms / 1000:.1f} s for"
                " a fifth of a second of sound."]  # fmt: skip
    if disk.free_hours < FREE_HOURS_MIN:
        return [f"Make room on the disk: {60 * disk.free_hours:.0f} minutes of recording fit."]
    return []


def bring_midi(findings: Findings, _: Verdict) -> list[str]:
    """Only if knobs are wanted."""
    if findings.midi is None or not findings.midi.problem:
        return []
    return [f"Only for knobs and pedals by MIDI: {findings.midi.problem}."]


def _is_all_bad(findings: Findings) -> bool:
    trials = findings.cards.trials if findings.cards else ()
    return len(trials) == len(BLOCK_SIZES) and all(trial.problem for trial in trials)


def _sentence(text: str) -> str:
    """As a sentence: a capital letter and a full stop."""
    return f"{text[:1].upper()}{text[1:]}" + ("" if text.endswith(".") else ".")


CARD: tuple[Rule, ...] = (get_card,)
STANDSTILLS: tuple[Rule, ...] = (
    get_rights, leave_virtual_machine, close_programs, look_for_firmware, match_jack,
)  # fmt: skip
SPEED: tuple[Rule, ...] = (plug_in, full_speed, lighter_voice)
LATER: tuple[Rule, ...] = (
    lock_memory,
    free_memory,
    match_rate,
    use_headphones,
    other_disk,
    bring_midi,
)
