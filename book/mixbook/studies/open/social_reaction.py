"""Four tests of a reaction, for hydrogen and oxygen, for plain mixing, and for society."""

import itertools
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from scipy.integrate import cumulative_trapezoid
from scipy.special import expit, logit

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
STRENGTHS = np.linspace(0, 12, 25)  # of excitement: from none to the barrier itself
TIMES = (1e2, 1e3, 1e4, 1e5)  # meetings a person
RETURNS = (24.0, 36.0, 48.0, 60.0)  # barriers of going back: two to five times that of founding
DECADES = 10.0 ** np.arange(3, 15)  # meetings a person, of those who only pass on the news
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
        return float(1 - np.ptp(state)) if len(state) == 200 else 0.0

    def holds(self, state):
        return np.array([1 - state.mean(), state.mean()])


@dataclass(kw_only=True)
class Network(Averaging):
    """The same on a network, where each listens to eight people drawn at random and to themselves."""

    friends: int = 8

    def _trust(self, people):
        rng = np.random.default_rng(people)  # the network is the same for every seed of the opinions
        graph = np.zeros((people, people))
        graph[np.repeat(np.arange(people), self.friends), rng.integers(people, size=people * self.friends)] = 1
        graph = np.maximum(np.maximum(graph, graph.T), np.eye(people))
        return graph / graph.sum(axis=1, keepdims=True)

    def run(self, state, control, seed):
        people = len(state)
        step = np.eye(people) + control * (self._trust(people) - np.eye(people))
        return np.linalg.matrix_power(step, self.rounds) @ state

    def wait(self, state, control, seed):
        trust, before, rounds = self._trust(len(state)), self.course(state), 0
        start = now = before
        while now < (1 + start) / 2 and rounds < 100_000:
            before, rounds = now, rounds + 1
            state = state + control * (trust @ state - state)
            now = self.course(state)
        return rounds - (now - (1 + start) / 2) / (now - before)


@dataclass(kw_only=True)
class Adoption(Process):
    """Word of mouth from one in ten thousand (logistic growth); the control is the chance that a meeting persuades."""

    controls: tuple = (0.01, 1.0)
    first: float = 1e-4
    time: float = 100.0

    def _pace(self, control):
        return control

    def begin(self, seed):
        return np.array([1 - self.first, self.first])

    def alone(self, seed):
        return [np.array([1.0, 0.0]), np.array([0.0, 1.0])]

    def run(self, state, control, seed):
        if not 0 < state[1] < 1:
            return state
        grown = expit(logit(state[1]) + self._pace(control) * self.time)
        return np.array([1 - grown, grown])

    def wait(self, state, control, seed):
        return np.log(state[0] / state[1]) / self._pace(control)

    def course(self, state):
        return float(state[-1])

    def holds(self, state):
        return state


@dataclass(kw_only=True)
class News(Adoption):
    """Word of mouth about a third thing that a few of two camps have founded; the control is the noise of choices."""

    controls: tuple = (0.2, 8.0)
    time: float = 1000.0
    barrier: float = 12.0

    def _pace(self, control):
        return np.exp(-self.barrier / control)

    def begin(self, seed):
        return np.array([(1 - self.first) / 2, (1 - self.first) / 2, self.first])

    def alone(self, seed):  # no camp founds it without the other
        return [np.array([1.0, 0.0, 0.0]), np.array([0.0, 1.0, 0.0])]

    def run(self, state, control, seed):
        left, joined = super().run(np.array([1 - state[2], state[2]]), control, seed)
        return np.array([*state[:2] * left / (1 - state[2]), joined]) if state[2] < 1 else state

    def wait(self, state, control, seed):
        return super().wait(np.array([1 - state[2], state[2]]), control, seed)


@dataclass(kw_only=True)
class Epidemic(Process):
    """An epidemic (Kermack and McKendrick), from one in ten thousand; the control is whom a case infects at first."""

    controls: tuple = (0.5, 4.0)
    time: float = 200.0  # in times that a case lasts
    first: float = 1e-4

    def begin(self, seed):
        return np.array([1 - self.first, self.first, 0.0])

    def alone(self, seed):
        return [np.array([1.0, 0.0, 0.0]), np.array([0.0, 1.0, 0.0])]

    def _path(self, state, control, step=0.1):
        well, ill, _ = state  # who had it is what is left: dR/dt = I, S = S0 exp(-R0 (R - R(0)))
        past = np.empty(int(self.time / step) + 1)
        past[0] = gone = state[2]
        for place in range(1, len(past)):
            half = gone + step / 2 * (well + ill + state[2] - gone - well * np.exp(-control * (gone - state[2])))
            gone += step * (well + ill + state[2] - half - well * np.exp(-control * (half - state[2])))
            past[place] = gone
        return step * np.arange(len(past)), past

    def run(self, state, control, seed):
        past = self._path(state, control)[1][-1]
        well = state[0] * np.exp(-control * (past - state[2]))
        return np.array([well, max(1 - well - past, 0.0), past])

    def wait(self, state, control, seed):
        times, past = self._path(state, control)
        return float(np.interp((past[0] + past[-1]) / 2, past, times))

    def course(self, state):
        return float(state[2])

    def holds(self, state):
        return state


@dataclass(kw_only=True)
class Crowd(Process):
    """Granovetter's crowd: thresholds around a quarter; the control is their spread, in people of a hundred.

    Thresholds are shares, and the parts the calm and the bold half; in ``heads`` they count people of the whole crowd,
    and the parts are two halves drawn at random.
    """

    controls: tuple = (4.0, 40.0)
    people: int = 10_000
    rounds: int = 400
    heads: bool = False

    def _thresholds(self, state, control):
        counted = self.people / len(state["nerve"]) if self.heads else 1.0
        return counted * (0.25 + control / 100 * state["nerve"])

    def begin(self, seed):
        return {"nerve": np.random.default_rng(seed).normal(size=self.people), "acting": 0.0}

    def alone(self, seed):
        nerve = self.begin(seed)["nerve"]
        return [{"nerve": h, "acting": 0.0} for h in np.array_split(nerve if self.heads else np.sort(nerve), 2)]

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


@dataclass(kw_only=True)
class Flow(Camps):
    """The camps with so many people that chance is gone: the time to each share that has joined is an integral."""

    controls: tuple = (0.2, 8.0)

    def begin(self, seed):
        return np.array([0.5, 0.5, 0.0])

    def alone(self, seed):
        return [np.array([1.0, 0.0, 0.0]), np.array([0.0, 1.0, 0.0])]

    def _pace(self, joined, control):
        told = {"barrier": 12.0, "proof": 0.0, "excitement": 0.0, "return_barrier": 60.0} | self.settings
        noise = control + told["excitement"] * joined
        agrees = np.exp(-np.maximum(told["barrier"] - told["proof"] * joined, 0) / noise)
        return (1 - joined) ** 2 / 2 * agrees - joined * np.exp(-told["return_barrier"] / noise)

    def _path(self, start, control):
        up = self._pace(start, control) >= 0
        joined = np.linspace(start, 1.0 if up else 0.0, 2001)
        pace = np.abs(self._pace(joined, control))
        rest = np.flatnonzero((self._pace(joined, control) >= 0) != up)  # it comes to rest before that
        until = rest[0] if len(rest) else len(joined)
        pace = np.maximum(pace[:until], 1e-300)
        return joined[:until], cumulative_trapezoid(1 / pace, joined[:until] * (1 if up else -1), initial=0)

    def run(self, state, control, seed):
        if state[:2].min() == 0:
            return state
        joined, times = self._path(state[2], control)
        joined = np.interp(self.time, times, joined)
        return np.array([(1 - joined) / 2, (1 - joined) / 2, joined])

    def wait(self, state, control, seed):
        joined, times = self._path(state[2], control)
        return float(np.interp(0.5, joined, times)) if joined[-1] >= 0.5 else np.inf

    def course(self, state):
        return float(state[2])


PROCESSES = {
    "hydrogen and oxygen": Hydrogen(),
    "averaging": Averaging(),
    "averaging, network": Network(),
    "word of mouth": Adoption(),
    "epidemic": Epidemic(),
    "threshold crowd": Crowd(),
    "threshold crowd, heads": Crowd(heads=True),
    "Schelling's town": Town(),
    "news of two camps": News(),
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


def news():
    """The fewest of ``DECADES`` of meetings in which plain news, without any excitement, passes all four tests."""
    passing = (time for time in DECADES if all(examine(News(time=time))[test] for test in TESTS))
    return next(passing, np.inf)


def together(noises, settings, seed=0):
    """How far two camps have come after their time, over ``noises``."""
    camps = Camps(settings=settings)
    start = camps.begin(seed)
    return np.array([camps.course(camps.run(start, noise, seed)) for noise in noises])


def mapped():
    """How many tests the camps pass, and which, over ``STRENGTHS``, ``TIMES`` and ``RETURNS``: a row a setting."""
    rows = []
    for strength, time, back in itertools.product(STRENGTHS, TIMES, RETURNS):
        camps = Flow(time=time, settings={"excitement": strength, "return_barrier": back})
        rows.append({"excitement": strength, "time": time, "return": back} | examine(camps))
    found = pd.DataFrame(rows)
    return found.assign(passed=found[list(TESTS)].sum(axis=1))
