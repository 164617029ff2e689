"""Pages hold all that they show, and nothing in them runs."""

import base64
import io
import re

import numpy as np
import pytest
import signals
import soundfile

from training.html_page import Html, audio, heading, image, page, paragraph, table


def test_texts_are_escaped_and_html_is_not():
    cells = table(["<file>"], [["<script>", Html("<b>x</b>"), 0.123456]])
    assert "&lt;file&gt;" in cells
    assert "<td>&lt;script&gt;</td><td><b>x</b></td>" in cells
    assert '<td class="number">0.1235</td>' in cells
    assert "<i>" not in page("<i>", [heading("<i>"), paragraph("<i>", "warning")])


def test_a_sound_is_the_samples():
    samples = signals.tone(440.0, 0.5, 16000)
    player = audio(samples, 16000)
    encoded = re.search(r"base64,([^\"]+)\"", player).group(1)
    heard, sample_rate = soundfile.read(io.BytesIO(base64.b64decode(encoded)))
    assert sample_rate == 16000
    np.testing.assert_allclose(heard, samples, atol=1e-4)


def test_a_picture_lies_in_the_page():
    figure_module = pytest.importorskip("matplotlib.figure")
    figure = figure_module.Figure()
    figure.subplots().plot([1, 2])
    picture = image(figure, 'a "line"')
    assert picture.startswith('<img alt="a &quot;line&quot;" src="data:image/png;base64,iVBOR')
    whole = page("Plots", [picture])
    assert not re.search(r"(src|href)=\"(?!data:)", whole)
