"""Messages and reports on the pipe from the process of the ports."""

import os

from realtime.midi_frames import FrameReader, Report, read_report, write_frame, write_report


def test_frames_come_back_from_any_pieces():
    reading, writing = os.pipe()
    write_frame(writing, 1.5, 3, [0xB0, 1, 2])
    write_report(writing, 2.5, Report("there", "Bösendorfer" * 100, 7))
    assert not write_frame(writing, 0.0, 0, bytes(1000)), "longer than a pipe takes whole"
    data = os.read(reading, 65536)
    reader = FrameReader()
    frames = [frame for k in range(len(data)) for frame in reader.feed(data[k : k + 1])]
    assert frames[0] == (1.5, 3, b"\xb0\x01\x02")
    report = read_report(frames[1].data)
    assert (report.what, report.port) == ("there", 7)
    assert report.name.startswith("Bösendorfer")


def test_a_full_pipe_is_not_waited_for():
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    for _ in range(100_000):
        if not write_frame(writing, 0.0, 0, b"\xf8"):
            break
    else:
        raise AssertionError("it is never full")
    os.close(reading)
