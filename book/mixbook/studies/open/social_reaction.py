"""Four tests of a reaction, for hydrogen and oxygen, for plain mixing, and for society."""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from mixlib.domains.combustion import Burning, gas_of, species
from mixlib.domains.tipping import cascade, found_together, settle
from mixlib.instruments import hull_escape

WITHIN = 0.01  # of the control, in which an ignition takes place
JUMP = 0.5  # of the whole course, that it makes up
STRAIGHT = 0.98  # R^2 of ln(rate) against 1 / control
STEEP = 5.0  # how the rate rises with the control: more than its fifth power
STAYS = 0.9  # of the course, after the control is back
OUTSIDE = 0.1  # diameters of the hull of what the parts become alone
ABOVE = (1.02, 1.15)  # where the rate is taken, over the control at ignition
MILD, STRONG = 4.5, 9.0  # by which founding raises the noise: to about four, or eight, times the first one
TESTS = ("ignites", "faster when hot", "does not go back", "something new")


@dataclass(kw_only=True)
class Process:
    """A process with one control, which the tests turn.

    ``begin(seed)`` gives the state of all parts together, ``alone(seed)`` those of each part; ``run(state, control,
    seed)`` the state after the time that the process is given; ``wait(state, control, seed)`` how long it takes to half
    of its course; ``course(state)`` how far it has come, from 0 to 1; ``holds(state)`` what it holds, in shares.
    """

    controls: tuple  # the range that is searched for an ignition

    def wait(self, state, control, seed):
        raise NotImplementedError


@dataclass(kw_only=True)
class Hydrogen(Process):
    """Two of hydrogen and one of oxygen at 1 atm; the control is the temperature in K, and the time 20 s."""

    controls: tuple = (650.0, 1300.0)
    seconds: float = 20.0

    def begin(self, seed):
        return gas_of({"H2": 2.0, "O2": 1.0})

    def alone(self, seed):
        return [gas_of({"H2": 3.0}), gas_of({"O2": 3.0})]

    def run(self, state, control, seed):
        return Burning(temperature=control).history(state, [self.seconds])[1][0]

    def wait(self, state, control, seed):
        times = np.geomspace(1e-4, 10, 1000) * self.seconds
        course = [self.course(after) for after in Burning(temperature=control).history(state, times)[1]]
        return float(np.interp(0.5, course, times))  # the course rises up to there

    def course(self, state):  # the hydrogen that is used up, of 2 mol
        return 1 - state[species().index("H2")] / 2

    def holds(self, state):
        return state / state.sum()


@dataclass(kw_only=True)
class Averaging(Process):
    """Two camps that listen to each other (DeGroot); the control is how much a round moves an opinion."""

    controls: tuple = (0.0005, 0.2)
    rounds: int = 100

    def begin(self, seed):
        return np.concatenate(self.alone(seed))

    def alone(self, seed):
        rng = np.random.default_rng(seed)
        return [rng.uniform(0.0, 0.1, 100), rng.uniform(0.9, 1.0, 100)]

    def run(self, state, control, seed):
        return state.mean() + (state - state.mean()) * (1 - control) ** self.rounds

    def wait(self, state, control, seed):
        return np.log(0.5) / np.log1p(-control)

    def course(self, state):
        return float(1 - np.ptp(state) / 0.95) if len(state) == 200 else 0.0

    def holds(self, state):
        return np.array([1 - state.mean(), state.mean()])


@dataclass(kw_only=True)
class Crowd(Process):
    """Granovetter's crowd: thresholds around a quarter; the control is their spread, in people of a hundred."""

    controls: tuple = (4.0, 40.0)
    people: int = 10_000
    rounds: int = 400

    def _thresholds(self, state, control):
        return 0.25 + control / 100 * state["nerve"]

    def begin(self, seed):
        return {"nerve": np.random.default_rng(seed).normal(size=self.people), "acting": 0.0, "of": self.people}

    def alone(self, seed):
        nerve = np.sort(self.begin(seed)["nerve"])
        return [{"nerve": half, "acting": 0.0, "of": self.people} for half in np.array_split(nerve, 2)]

    def run(self, state, control, seed):
        course = cascade(self._thresholds(state, control), rounds=self.rounds, acting=state["acting"])
        return state | {"acting": float(course[-1])}

    def wait(self, state, control, seed):
        course = cascade(self._thresholds(state, control), rounds=self.rounds)
        return float(np.argmax(course >= course[-1] / 2))

    def course(self, state):
        return state["acting"]

    def holds(self, state):
        return np.array([1 - state["acting"], state["acting"]])


@dataclass(kw_only=True)
class Town(Process):
    """Schelling's town; the control is the share of like neighbours that people ask for."""

    controls: tuple = (0.1, 0.7)
    side: int = 40
    rounds: int = 80

    def begin(self, seed):
        return np.random.default_rng(seed).choice([0, 1, 2], size=(self.side, self.side), p=[0.1, 0.45, 0.45])

    def alone(self, seed):
        town = self.begin(seed)
        return [np.where(town == kind, town, 0) for kind in (1, 2)]

    def run(self, state, control, seed):
        return settle(state, control, rounds=self.rounds, rng=seed)[0]

    def wait(self, state, control, seed):
        alike = settle(state, control, rounds=self.rounds, rng=seed)[1]
        return float(np.argmax(alike >= (alike[0] + alike[-1]) / 2))

    def course(self, state):
        return float(2 * settle(state, 0.0, rounds=0)[1][0] - 1)

    def holds(self, state):
        counts = np.array([(state == kind).sum() for kind in (1, 2)])
        return counts / counts.sum()


@dataclass(kw_only=True)
class Camps(Process):
    """Two camps whose people found something together; the control is the noise of their choices."""

    controls: tuple = (0.4, 4.0)
    people: int = 20_000
    time: float = 1000.0
    settings: dict = field(default_factory=dict)

    def begin(self, seed):
        return np.array([self.people // 2, self.people // 2, 0])

    def alone(self, seed):
        return [np.array([self.people, 0, 0]), np.array([0, self.people, 0])]

    def run(self, state, control, seed):
        return found_together(state, control, self.time, rng=seed, **self.settings)

    def wait(self, state, control, seed):
        _, times, people = found_together(state, control, 1e9, rng=seed, record=True, until=0.5, **self.settings)
        return float(times[-1]) if people[-1, 2] >= self.people / 2 else np.inf

    def course(self, state):
        return float(state[2] / self.people)

    def holds(self, state):
        return state / state.sum()


PROCESSES = {
    "hydrogen and oxygen": Hydrogen(),
    "averaging": Averaging(),
    "threshold crowd": Crowd(),
    "Schelling's town": Town(),
    "two camps": Camps(),
    "two camps, social proof": Camps(settings={"proof": 10.0}),
    "two camps, mild excitement": Camps(settings={"excitement": MILD}),
    "two camps, strong excitement": Camps(settings={"excitement": STRONG}),
    "two camps, both": Camps(settings={"excitement": STRONG, "proof": 10.0}),
}


def ignition(process, seed):
    """The control at which the process gets half of the way, and how much of it lies within ``WITHIN`` of that."""
    start = process.begin(seed)

    def reached(control):
        return process.course(process.run(start, control, seed))

    low, high = process.controls
    ends = reached(low), reached(high)
    half = sum(ends) / 2
    for _ in range(11):
        middle = np.sqrt(low * high)
        low, high = (low, middle) if reached(middle) >= half else (middle, high)
    step = np.sqrt(1 + WITHIN)
    return high, reached(high * step) - reached(high / step), ends


def rates(process, seed, at):
    """Controls above the ignition at ``at``, and the rate there, one over the time to half of the course."""
    controls = at * np.geomspace(*ABOVE, 8)
    start = process.begin(seed)
    return controls, 1 / np.array([process.wait(start, c, seed) for c in controls])


def examine(process, seed=0):
    """The four tests of one process.

    Returns
    -------
    dict
        ``at`` (control at ignition), what each test measured (``jump``, ``straight``, ``steep``, ``stays``,
        ``outside``), and the four answers by their names in ``TESTS``.
    """
    at, jump, _ = ignition(process, seed)
    controls, rate = rates(process, seed, at)
    x, y = 1 / controls, np.log(rate)
    slope, _ = np.polyfit(x, y, 1)
    straight = np.corrcoef(x, y)[0, 1] ** 2 if np.ptp(y) > 0 else 0.0
    hot, cold = at * ABOVE[1], max(at / 2, process.controls[0])
    start = process.begin(seed)
    done = process.run(start, hot, seed)
    gone = process.course(done) - process.course(start)
    back = process.course(process.run(done, cold, seed)) - process.course(start)
    parts = [process.holds(process.run(part, hot, seed)) for part in process.alone(seed)]
    outside = float(hull_escape(process.holds(done), np.array(parts)).distance)
    found = {"at": at, "jump": jump, "straight": straight, "steep": -slope / at, "stays": back / gone}
    found["outside"] = outside
    answers = (
        jump >= JUMP,
        straight >= STRAIGHT and found["steep"] >= STEEP,
        found["stays"] >= STAYS,
        outside >= OUTSIDE,
    )
    return found | dict(zip(TESTS, map(bool, answers), strict=True))


def examine_all(seeds, processes=PROCESSES):
    """A row a process and seed: what the four tests measured, and their answers."""
    rows = []
    for name, process in processes.items():
        for seed in seeds if name != "hydrogen and oxygen" else seeds[:1]:
            rows.append({"process": name, "seed": seed} | examine(process, seed))
    return pd.DataFrame(rows)


def together(noises, settings, seed=0):
    """How far two camps have come after their time, over ``noises``."""
    camps = Camps(settings=settings)
    start = camps.begin(seed)
    return np.array([camps.course(camps.run(start, noise, seed)) for noise in noises])
