"""How far long work is: ``progress`` means the same wherever it is taken."""

import sys
from contextlib import AbstractContextManager

LINES = 100  # at most that a callable gets of one piece of work, but for what has something to say


class Progress(AbstractContextManager):
    """Progress of a piece of work: a bar, lines of text for a callable, or nothing.

    Parameters
    ----------
    progress : None, bool or callable
        Whether to show a bar on standard error; ``None`` shows it on a terminal, after a second. A callable gets a
        line of text now and then instead.
    label : str
        What is done.
    total : None or int, default=None
        How much there is to do; ``None`` if that is not known.
    unit : str, default="steps"
        Of what, in the plural.
    done : int, default=0
        How much of it was done before.

    Raises
    ------
    ValueError
        If ``progress`` is none of these.

    Examples
    --------
    >>> from mixlib.progress import Progress
    >>> with Progress(print, "reading", total=2, unit="files") as work:
    ...     work.add(note="the first is empty")
    ...     work.add()
    reading, 1 of 2 files: the first is empty
    reading, 2 of 2 files
    """

    def __init__(self, progress, label, total=None, unit="steps", done=0):
        if not (progress is None or isinstance(progress, bool) or callable(progress)):
            raise ValueError(f"progress: got {progress!r}, expected None, True, False or a function of a line of text")
        self.label, self.total, self.unit, self.done = label, total, unit, done
        self.tell, self.told, self.bar = (progress if callable(progress) else None), 0, None
        on_terminal = progress is None and sys.stderr is not None and sys.stderr.isatty()
        if progress is True or on_terminal:
            from tqdm import tqdm  # only what is shown is worth its import

            how = {"unit": f" {unit}", "unit_scale": True, "delay": 1 if on_terminal else 0}
            self.bar = tqdm(total=total, initial=done, desc=label, **how)

    def add(self, amount=1, note=""):
        """So much more is done; ``note`` says what of it."""
        self.done += amount
        if self.bar is not None:
            if note:
                self.bar.set_postfix_str(note, refresh=False)
            self.bar.update(amount)
        elif self.tell is not None:
            # a hundredth more, the end, or news
            share = self.done if self.total is None else self.done * LINES // max(self.total, 1)
            if note or share > self.told or self.done == self.total:
                self.told = share
                self.tell(self._line(note))

    def __exit__(self, *error):
        if self.bar is not None:
            self.bar.close()

    def _line(self, note):
        of = "" if self.total is None else f" of {self.total:,}"
        return f"{self.label}, {self.done:,}{of} {self.unit}" + (f": {note}" if note else "")


def followed(items, progress, label, unit="steps"):
    """Go through a sequence and tell of each item when it is done, as :class:`Progress` does."""
    with Progress(progress, label, len(items), unit) as work:
        for item in items:
            yield item
            work.add()
