"""Sounds on a page: a waveform that is made when the page is built, and plays offline in the reader's own player."""

import base64
import html
import io
import wave
from pathlib import Path

import numpy as np

from mixbook.show.display import sentence

LARGEST = 100_000  # bytes of one sound, as text in the page
RATES = (8000, 16000)  # lowest and highest, per second
LOUDEST = 0.8  # of what 16 bits hold
FADE = 0.02  # seconds at both ends, against clicks


def player(waveform, rate, *, label, caption):
    """A short sound with the controls of the reader's browser.

    Parameters
    ----------
    waveform : array (T,)
        The pressure, in any unit: the loudest moment is brought to one level, so that sounds of a page are as loud.
    rate : int
        Samples a second, from 8000 to 16000.
    label : str
        What is heard, a sentence of at least five words, for readers who cannot hear it or do not play it.
    caption : str
        The text below the player, at least three words.

    Returns
    -------
    Player
        Shown by a notebook; ``.save(path)`` writes a WAV file.

    Raises
    ------
    ValueError
        If the waveform is none, silent or too long, the rate is out of range, or a text is missing or too short.
    """
    label, caption = sentence("label", label, 5), sentence("caption", caption, 3)
    waveform = np.asarray(waveform, dtype=float)
    if waveform.ndim != 1 or not np.isfinite(waveform).all() or not np.abs(waveform).max(initial=0) > 0:
        raise ValueError(f"waveform: shape {waveform.shape}; expected finite pressures (T,) that are not all zero")
    if not RATES[0] <= rate <= RATES[1]:
        raise ValueError(f"rate: got {rate!r}, expected {RATES[0]} to {RATES[1]} samples a second")
    made = Player(_wav(waveform, int(rate)), len(waveform) / rate, label, caption)
    if (size := len(made.data)) > LARGEST:
        raise ValueError(
            f"waveform: {made.seconds:.1f} s need {size:,} bytes, at most {LARGEST:,} are allowed; make it shorter, or "
            "lower the rate"
        )
    return made


class Player:
    """What `player` returns: a sound as a WAV file, and its texts."""

    def __init__(self, wav, seconds, label, caption):
        self.wav, self.seconds, self.label, self.caption = wav, seconds, label, caption
        self.data = base64.b64encode(wav).decode("ascii")

    def save(self, path):
        """Write the sound to ``path``, as a WAV file."""
        path = Path(path)
        path.write_bytes(self.wav)
        return path

    def _repr_html_(self):
        label, caption = html.escape(self.label), html.escape(self.caption)
        return (
            f'<figure class="mx-player"><audio controls preload="metadata" aria-label="{label}" '
            f'src="data:audio/wav;base64,{self.data}">{label}</audio>'
            f'<figcaption>{caption} <span class="mx-player__heard">{label}</span></figcaption></figure>'
        )

    def __repr__(self):
        return f"Sound of {self.seconds:.1f} s: {self.caption}\n{self.label}"


def _wav(waveform, rate):
    """Bytes of a mono WAV file of 16 bits, faded in and out."""
    faded = waveform / np.abs(waveform).max()
    ramp = np.linspace(0, 1, min(int(FADE * rate), len(faded) // 2))
    faded[: len(ramp)] *= ramp
    faded[len(faded) - len(ramp) :] *= ramp[::-1]
    stream = io.BytesIO()
    with wave.open(stream, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(np.round(LOUDEST * 32767 * faded).astype("<i2").tobytes())
    return stream.getvalue()
