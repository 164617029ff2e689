"""What the doctor reads off a machine: made-up files, made-up commands, a real disk and timer."""

import os
import shutil
import signal
import time
from pathlib import Path

import pytest

from realtime.doctor_computer import examine_computer
from realtime.doctor_disk import examine_disk, nearest_folder
from realtime.doctor_findings import Busy
from realtime.doctor_kernels import count_kernels
from realtime.doctor_others import Sample, WholeMachine, compare, full_name, take_sample
from realtime.doctor_watch import NAP_S, Report, Watchmen, sum_up
from realtime.stats import Histogram

CPUINFO = """processor\t: 0
model name\t: Fast One 9000
flags\t\t: fpu avx2 hypervisor

processor\t: 1
model name\t: another
"""
MEMINFO = """MemTotal:       16777216 kB
MemAvailable:    8388608 kB
SwapTotal:       4194304 kB
SwapFree:        3145728 kB
"""


def write(root: Path, name: str, text: str) -> None:
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    (root / name).write_text(text)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    write(tmp_path, "proc/cpuinfo", CPUINFO)
    write(tmp_path, "proc/meminfo", MEMINFO)
    speeds = "sys/devices/system/cpu/cpu0/cpufreq"
    write(tmp_path, f"{speeds}/scaling_governor", "powersave\n")
    write(tmp_path, f"{speeds}/scaling_min_freq", "400000\n")
    write(tmp_path, f"{speeds}/scaling_max_freq", "4200000\n")
    write(tmp_path, "sys/class/power_supply/AC/type", "Mains\n")
    write(tmp_path, "sys/class/power_supply/AC/online", "0\n")
    write(tmp_path, "sys/class/power_supply/BAT0/type", "Battery\n")
    write(tmp_path, "sys/class/power_supply/BAT0/status", "Discharging\n")
    return tmp_path


def test_a_linux_laptop(root: Path) -> None:
    computer = examine_computer(root, "Linux")
    assert computer.processor == "Fast One 9000"
    assert (computer.memory_gb, computer.free_gb, computer.swapped_gb) == (16.0, 8.0, 1.0)
    assert (computer.governor, computer.lowest_mhz, computer.highest_mhz) == (
        "powersave",
        400,
        4200,
    )
    assert computer.on_battery is True
    assert computer.is_virtual is True


def test_a_charger_or_a_mouse_is_no_battery_in_use(root: Path) -> None:
    supplies = "sys/class/power_supply"
    write(root, f"{supplies}/BAT0/scope", "Device\n")
    assert examine_computer(root, "Linux").on_battery is None
    write(root, f"{supplies}/AC/online", "1\n")
    assert examine_computer(root, "Linux").on_battery is False


def test_a_linux_that_tells_nothing(tmp_path: Path) -> None:
    computer = examine_computer(tmp_path, "Linux")
    assert computer.n_cores >= 1
    assert computer.memory_gb is computer.governor is computer.on_battery is None
    assert computer.is_virtual is None


def test_a_mac() -> None:
    answers = {
        "hw.memsize": f"{8 * 1024**3}\n",
        "kern.hv_vmm_present": "0\n",
        "machdep.cpu.brand_string": "Apple M2\n",
        "batt": "Now drawing from 'Battery Power'\n -InternalBattery-0 80%; discharging\n",
    }
    computer = examine_computer(system="Darwin", ask=lambda command: answers[command[-1]])
    assert (computer.processor, computer.memory_gb) == ("Apple M2", 8.0)
    assert (computer.on_battery, computer.is_virtual) == (True, False)
    assert computer.governor is None


def test_a_mac_whose_commands_fail_and_an_unknown_system() -> None:
    for system in ("Darwin", "Plan9"):
        computer = examine_computer(system=system, ask=lambda _: "")
        assert computer.processor
        assert computer.memory_gb is computer.on_battery is computer.is_virtual is None


def test_the_busiest_others_are_named_without_us() -> None:
    used_s = {(1, "a"): 5.0, (2, "us"): 0.0, (3, "idle"): 1.0, (4, "b"): 0.0}
    before = Sample(10.0, used_s, WholeMachine(100.0, 1.0))
    used_s = {(1, "a"): 6.0, (2, "us"): 3.0, (3, "idle"): 1.01, (4, "b"): 8.0, (5, "new"): 0.5}
    others = compare(before, Sample(20.0, used_s, WholeMachine(115.0, 2.0)), ours=[2], n_cores=2)
    assert others.busiest == (Busy(4, "b", pytest.approx(0.8)), Busy(1, "a", pytest.approx(0.1)))
    assert others.core_share == pytest.approx(1.2)  # 15 s of ten, less our three
    assert others.stolen_share == pytest.approx(1.0 / 10.0 / 2)


def test_an_interpreter_is_named_with_what_it_runs(tmp_path: Path) -> None:
    write(tmp_path, "7/cmdline", "/usr/bin/python3\0-u\0/home/me/mixer.py\0--loud\0")
    assert full_name(Busy(7, "python3", 1.0), tmp_path).name == "python3 mixer.py"
    write(tmp_path, "9/cmdline", "python\0-c\0import this\0")
    assert full_name(Busy(9, "python", 1.0), tmp_path).name == "python"
    assert full_name(Busy(8, "python3", 1.0), tmp_path).name == "python3"
    assert full_name(Busy(7, "browser", 1.0), tmp_path).name == "browser"


def test_the_whole_machines_time_is_read(tmp_path: Path) -> None:
    write(tmp_path, "stat", "cpu  100 10 30 5000 70 4 6 20 0 0\ncpu0 1 1\n")
    tick_s = 1.0 / os.sysconf("SC_CLK_TCK")
    assert take_sample(tmp_path).whole == pytest.approx((150 * tick_s, 20 * tick_s))


def test_a_system_without_proc_is_asked_by_ps(tmp_path: Path) -> None:
    sample = take_sample(tmp_path / "none")
    assert sample.whole is None
    if shutil.which("ps"):  # small Debians have none
        assert any(pid == os.getpid() for pid, _ in sample.used_s)
    else:
        assert sample.used_s == {}


def test_our_own_work_is_seen() -> None:
    before = take_sample()
    end_s = time.process_time() + 0.2
    while time.process_time() < end_s:
        pass
    rest = {pid for pid, _ in before.used_s} - {os.getpid()}
    (busy,) = compare(before, take_sample(), rest).busiest
    assert busy.pid == os.getpid()
    assert 0.05 < busy.core_share < 1.5


def test_a_disk_is_written_and_left_clean(tmp_path: Path) -> None:
    disk = examine_disk(tmp_path / "takes" / "tonight", 48_000, seconds=0.05)
    assert disk.problem == ""
    assert disk.speed_mb_s > 0.0
    assert disk.slowest_piece_ms > 0.0
    assert disk.free_hours > 0.0
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_may_not_be_written_is_said() -> None:
    assert examine_disk(Path("/proc"), 48_000).problem.startswith("cannot be written (")
    assert nearest_folder(Path("/no/such/folder")) == Path("/")


def test_kernels_are_counted() -> None:
    from realtime.limiter import Limiter

    assert Limiter(48_000)
    kept, compiled = count_kernels()
    assert kept >= 0
    assert compiled >= 0


def test_watchmen_report_and_go_home() -> None:
    with Watchmen(priority=0) as watchmen:
        assert len(watchmen.pids) >= 1
        time.sleep(0.2)
        reports = watchmen.end()
    watch = sum_up(reports)
    assert watch.core_seconds >= 0.1 * len(watchmen.pids), "all were on watch from the beginning"
    assert not watch.is_realtime
    assert 0.0 < watch.wake_p50_ms <= watch.wake_max_ms
    assert not [pid for pid in watchmen.pids if Path(f"/proc/{pid}").exists()]


def test_a_standstill_is_seen_where_it_was() -> None:
    with Watchmen(priority=0) as watchmen:
        time.sleep(0.1)
        stopped_s = time.monotonic()
        os.kill(watchmen.pids[0], signal.SIGSTOP)
        time.sleep(0.1)
        os.kill(watchmen.pids[0], signal.SIGCONT)
        time.sleep(0.1)
        spans_s = watchmen.end()[0].standstills_s
    # Others may have held the machine up as well, before or after.
    ours = [span for span in spans_s if span[0] < stopped_s + 0.05 and span[1] > stopped_s + 0.1]
    assert len(ours) == 1
    assert ours[0][1] - ours[0][0] > 0.08


def test_reports_add_up() -> None:
    histogram = Histogram()
    for late_s in (1e-4, 1e-4, 1e-4, 5e-3):
        histogram.add(late_s)
    bins = {str(n): count for n, count in enumerate(histogram.counts()) if count}
    calm = Report(True, 10.0, bins, 5e-3, [(1.0, 1.0055)])
    watch = sum_up([calm, calm._replace(standstills_s=[(2.0, 2.001), (3.0, 3.02)])])
    assert watch.core_seconds == 20.0
    assert watch.wake_p50_ms == pytest.approx(0.1, rel=0.01)
    assert watch.wake_max_ms == 5.0
    assert watch.standstills_ms == pytest.approx((20.0, 5.5, 1.0))
    assert watch.is_realtime
    assert not sum_up([calm, calm._replace(is_realtime=False)]).is_realtime
    assert sum_up([]).core_seconds == 0.0
    assert NAP_S == 0.001
