import json
import re
from html.parser import HTMLParser

import pytest
import scales

from ddsp_core.errors import VoiceError
from training import report
from training.cli import main
from training.cross_synthesis import Agreement, Sung
from training.curve import add_to_curve
from training.evaluate import Options
from training.report import gather, read_curve, spread, voice_folder
from training.report_page import report_page
from training.sung_clips import sung_clip
from training.timbre import Timbres


class Tags(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.open, self.all = [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.all.append((tag, dict(attrs)))
        if tag not in ("meta", "img"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def sources(self, tag):
        return [attributes["src"] for name, attributes in self.all if name == tag]


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    return scales.prepare_scale(tmp_path_factory.mktemp("report"))


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A run folder with the voices of two rooms and a curve."""
    folder = tmp_path_factory.mktemp("run")
    for number, room in enumerate(("a", "b")):
        scales.save_small_voice(folder / "voice" / room, room, seed=number)
    for step, loss in ((500, 6.5), (1000, 5.5)):
        add_to_curve(folder, step, loss, loss + 0.5)
    return folder


@pytest.fixture(scope="module")
def material(dataset, run):
    """Two voices beside one another; nothing sung, which has a test of its own."""
    return gather(run, dataset, [run / "voice" / "b"], Options(sing=(), room="a"))


@pytest.fixture(scope="module")
def page(material):
    return report_page(material)


def test_one_file_with_players_and_plots(page, material):
    tags = Tags(page)
    assert tags.open == []
    assert all(source.startswith("data:") for source in tags.sources("audio") + tags.sources("img"))
    assert not re.search(r"https?://", page)
    n_clips = len(material.resynthesised["a"])
    assert 1 <= n_clips <= report.N_CLIPS
    assert len(tags.sources("audio")) == 3 * n_clips  # recording and two voices
    assert len(tags.sources("img")) == 2 * n_clips + 2  # curve and room


def test_voices_and_the_recording_stand_in_one_table(page, material):
    assert "<th>a</th><th>b</th><th>the recording itself</th>" in page
    assert material.recording["validation"].f0_l1_semitones == 0.0
    assert list(material.evaluations) == ["a", "b"]
    losses = [found.splits["validation"].spectral_loss for found in material.evaluations.values()]
    assert losses[0] != losses[1]
    assert f"{losses[0]:.4g}" in page


def test_the_curve_of_a_run(run, material, tmp_path):
    assert material.curve["validation_loss"].tolist() == [7.0, 6.0]
    (tmp_path / "curve.csv").write_text("step,loss\n500,7.0\n1000,")
    curve = read_curve(tmp_path / "none", tmp_path)
    assert curve["step"].tolist() == [500.0, 1000.0]
    assert curve["loss"][0] == 7.0
    assert read_curve(run / "voice", run / "voice" / "a") is None


def test_which_voice_of_a_run(run, tmp_path):
    assert voice_folder(run, None) == run / "voice" / "a"
    assert voice_folder(run, "b") == run / "voice" / "b"
    assert voice_folder(run / "voice" / "b", None) == run / "voice" / "b"
    with pytest.raises(VoiceError, match="no voice for the room 'c'"):
        voice_folder(run, "c")
    (tmp_path / "voice").mkdir()
    with pytest.raises(VoiceError, match="train it further"):
        voice_folder(tmp_path, None)


def test_scraps_are_shown_only_where_there_is_nothing_else(dataset):
    clips = list(scales.first(dataset).clips(0.5, 1.0))
    scrap = clips[0]._replace(batch=clips[0].batch._replace(f0_hz=clips[0].batch.f0_hz[:, :400]))
    assert scrap not in spread([scrap, *clips[1:4]], 3)
    assert spread([scrap], 3) == [scrap]


def test_singing_on_the_page(material, dataset, tmp_path):
    nothing_else = material._replace(resynthesised={"a": [], "b": []}, curve=None)
    index = scales.first(dataset).index
    song = sung_clip(scales.song(tmp_path / "la & la.wav"), index)
    timbre = Timbres(0.9, 0.3, 0.8, 0.4)
    one = Sung(song, song.audio, song.audio, Agreement(80.0, 0.0), None, timbre)
    evaluations = {name: found._replace(sung=[one]) for name, found in material.evaluations.items()}
    page = report_page(nothing_else._replace(evaluations=evaluations))
    assert "<h3>la &amp; la</h3>" in page
    assert '<td class="number">0.3333</td>' in page
    assert len(Tags(page).sources("audio")) == 3  # the song, and two voices


def test_command_line(run, dataset, tmp_path, capsys):
    out = tmp_path / "deep" / "page.html"
    words = ["report", str(run), "--dataset", str(dataset), "--out", str(out), "--sing", "--json"]
    assert main(words) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["page"] == str(out)
    assert list(found["voices"]) == ["a"]
    assert out.read_text().startswith("<!DOCTYPE html>")
    assert main(["report", str(tmp_path), *words[2:]]) == 2
    assert "error: " in capsys.readouterr().err
