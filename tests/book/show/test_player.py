"""Sounds of a page: a true WAV file, small and the same each time, with words for those who do not hear it."""

import base64
import io
import wave

import numpy as np
import pytest
from bs4 import BeautifulSoup

from mixbook.show.player import LARGEST, player

RATE = 8000
SECONDS = np.arange(2 * RATE) / RATE
WORDS = {"label": "A tone of 440 Hz, for two seconds.", "caption": "A single tone."}


def heard(made):
    """The rate and the samples of a player, as a browser reads them."""
    source = BeautifulSoup(made._repr_html_(), "html.parser").audio["src"]
    kind, _, data = source.partition(";base64,")
    assert kind == "data:audio/wav"
    with wave.open(io.BytesIO(base64.b64decode(data))) as file:
        assert (file.getnchannels(), file.getsampwidth()) == (1, 2)
        return file.getframerate(), np.frombuffer(file.readframes(file.getnframes()), dtype="<i2")


def test_what_is_heard_is_the_waveform():
    rate, samples = heard(player(0.001 * np.sin(2 * np.pi * 440 * SECONDS), RATE, **WORDS))
    assert (rate, len(samples)) == (RATE, len(SECONDS))
    spectrum = np.abs(np.fft.rfft(samples))
    assert np.fft.rfftfreq(len(samples), 1 / RATE)[spectrum.argmax()] == 440
    assert 0.75 < np.abs(samples).max() / 32767 < 0.81, "every sound is as loud, and none is clipped"
    assert abs(samples[0]) < 50
    assert abs(samples[-1]) < 50, "ends without a click"


def test_it_is_small_the_same_each_time_and_keeps_the_callers_array():
    tone = np.sin(2 * np.pi * 440 * SECONDS)
    before = tone.copy()
    pages = {player(tone, RATE, **WORDS)._repr_html_() for _ in range(2)}
    assert len(pages) == 1
    np.testing.assert_array_equal(tone, before)
    assert len(pages.pop()) < LARGEST
    with pytest.raises(ValueError, match=r"5\.0 s need .* bytes"):
        player(np.ones(5 * RATE), RATE, **WORDS)


def test_it_has_controls_and_says_what_is_heard(tmp_path):
    made = player(np.sin(SECONDS), RATE, label="A tone that is <very> low and soft.", caption="A low tone.")
    shown = BeautifulSoup(made._repr_html_(), "html.parser")
    assert shown.audio.has_attr("controls")
    assert not shown.audio.has_attr("autoplay")
    assert shown.audio["aria-label"] == made.label
    assert made.label in shown.figcaption.text
    assert shown.find("very") is None, "words are no markup"
    assert made.caption in repr(made)
    assert made.save(tmp_path / "tone.wav").read_bytes() == made.wav


@pytest.mark.parametrize(
    ("waveform", "rate", "words", "complaint"),
    [
        (np.zeros(100), RATE, {}, "waveform: shape"),
        (np.ones((2, 100)), RATE, {}, "waveform: shape"),
        (np.full(100, np.nan), RATE, {}, "waveform: shape"),
        (np.array([]), RATE, {}, "waveform: shape"),
        (np.ones(100), 44100, {}, "rate: got 44100"),
        (np.ones(100), RATE, {"label": "Tone"}, "label"),
        (np.ones(100), RATE, {"caption": ""}, "caption"),
    ],
)
def test_what_cannot_be_heard_is_refused(waveform, rate, words, complaint):
    with pytest.raises(ValueError, match=complaint):
        player(waveform, rate, **(WORDS | words))
