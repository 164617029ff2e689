import math

import numpy as np
import pytest

from realtime.stats import NO_FLAGS, BlockTimes, CardFlags, Histogram, RecentLoad


def test_percentiles_are_right_within_half_a_per_cent() -> None:
    values = np.random.default_rng(0).lognormal(mean=-8.0, sigma=1.0, size=5000)
    histogram = Histogram()
    for value in values:
        histogram.add(value)
    for percent in (1, 50, 90, 99, 99.9):
        true = np.percentile(values, percent, method="inverted_cdf")
        assert histogram.percentile(percent) == pytest.approx(true, rel=5e-3)
    assert histogram.largest == values.max()


@pytest.mark.parametrize("value", [0.0, 1e-12, 1e9])
def test_any_value_finds_a_bin(value: float) -> None:
    histogram = Histogram()
    histogram.add(value)
    assert sum(histogram.counts()) == 1


def test_an_empty_histogram_reads_zero() -> None:
    assert Histogram().percentile(99) == 0.0


def test_a_percentile_never_passes_the_largest() -> None:
    histogram = Histogram()
    histogram.add(1e-3)
    assert histogram.percentile(100) <= 1e-3


def test_a_block_is_late_when_its_own_computing_passes_its_length() -> None:
    times = BlockTimes(48000)
    times.add(128 / 48000 * 0.99, 128)
    times.add(128 / 48000 * 1.01, 128)
    times.add(128 / 48000 * 1.01, 256)
    assert times.late_blocks == 1


def test_the_report_adds_up() -> None:
    times = BlockTimes(48000)
    for n_samples in (64, 128, 64, 1024):
        times.add(0.1 * n_samples / 48000, n_samples)
    report = times.report()
    assert (report.n_blocks, report.n_samples) == (4, 1280)
    assert (report.smallest_block, report.largest_block) == (64, 1024)
    assert report.duration_s == pytest.approx(1280 / 48000)
    assert report.deadline_ms == pytest.approx(1e3 * 320 / 48000)
    assert report.load_p50 == pytest.approx(0.1, rel=5e-3)
    assert report.max_ms == pytest.approx(0.1 * 1024 / 48.0)


def test_a_report_before_the_first_block_is_all_zero() -> None:
    assert not any(BlockTimes(48000).report())


def test_every_flag_of_the_card_is_counted_by_kind() -> None:
    times = BlockTimes(48000)
    for flags in (NO_FLAGS, CardFlags(input_overflow=1), CardFlags(1, 1, 1, 0), NO_FLAGS):
        times.add(1e-4, 128, flags)
    assert times.xruns == CardFlags(1, 2, 1, 0)
    assert times.n_xruns == 4


def test_recent_load_forgets() -> None:
    loads = Histogram()
    recent = RecentLoad(loads, n_looks=3)
    for _ in range(100):
        loads.add(0.9)
    assert recent.look()[0] == pytest.approx(0.9, rel=5e-3)
    for _ in range(3):
        loads.add(0.1)
        p50, p99 = recent.look()
    assert p99 == pytest.approx(0.1, rel=5e-3)
    assert not math.isnan(p50)
