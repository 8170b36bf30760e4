"""The state of a sweep in a file, so that it goes on after a kill."""

import hashlib
import os
import time
from pathlib import Path

import numpy as np

SHARE = 20  # at most a twentieth of the time goes into saving
LEAST = 1.0  # seconds between saves


class Checkpoint:
    """A context in which ``state`` (a dict of arrays) and ``done`` are first read from a file, then saved to it.

    The file is replaced in one step, so a kill at any moment leaves a whole one.

    Raises
    ------
    ValueError
        If the file is of another sweep (other data, orders, estimator or ``top``), or its folder does not exist.
    """

    def __init__(self, path, engine, keep, state, done):
        self.path = path if path is None else Path(path)
        if self.path is not None and not self.path.parent.is_dir():
            raise ValueError(f"checkpoint: got {self.path}, but there is no folder {self.path.parent}; make it first")
        self.keep, self.state, self.done = keep, state, done
        self.sweep = path and _fingerprint(
            type(keep), *vars(keep).values(), type(engine), *engine.identity(), engine.tasks
        )
        self.due = 0.0
        self.whole = True

    def __enter__(self):
        if self.path is not None and self.path.exists():
            self._load()
        return self

    def __exit__(self, kind, error, trace):
        if self.path is not None and self.whole:
            self.save()

    def add(self, index, part):
        """Put the part of a task into the state, and save that now and then."""
        self.whole = False  # an interrupt in between must not leave half a part in the file
        self.keep.add(self.state, index, part)
        self.done[index] = True
        self.whole = True
        self._save_now_and_then()

    def save(self):
        """Write the file anew."""
        beside = self.path.with_name(self.path.name + ".new")
        with beside.open("wb") as file:
            np.savez(file, sweep=self.sweep, done=self.done, **self.state)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(self.path)

    def _save_now_and_then(self):
        if self.path is not None and time.monotonic() >= self.due:
            started = time.monotonic()
            self.save()
            self.due = time.monotonic() + max(LEAST, SHARE * (time.monotonic() - started))

    def _load(self):
        try:
            with np.load(self.path) as saved:
                arrays = dict(saved)
        except (OSError, ValueError, EOFError) as error:
            raise ValueError(f"checkpoint: {self.path} is no state of a sweep ({error}); name another file") from None
        if str(arrays.get("sweep")) != self.sweep:
            raise ValueError(
                f"checkpoint: {self.path} is the state of another sweep (other data, orders, estimator or top); "
                "name another file, or delete this one"
            )
        self.done[:] = arrays["done"]
        for name, array in self.state.items():
            array[:] = arrays[name]


def _fingerprint(*parts):
    """A text that differs between sweeps."""
    digest = hashlib.sha256()
    for part in parts:
        if isinstance(part, np.ndarray):
            part = (part.shape, part.tolist() if part.dtype == object else part.tobytes())
        digest.update(repr(part).encode())
    return digest.hexdigest()
