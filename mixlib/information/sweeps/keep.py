"""What a sweep keeps of the blocks that pass: everything, or the best and a profile of each order.

Both have the same four methods: ``of_task`` is what a worker does and depends on its arguments alone; ``start``,
``add`` and ``finish`` gather such parts, in whatever order they come, to the same result.
"""

import numpy as np

from mixlib.compiled import compiled
from mixlib.information.sweeps.selection import PATIENCE, empty_profile, merge_best, tally
from mixlib.information.sweeps.subsets import LARGEST


class Everything:
    """Omega and TC of every subset, in the order of the keys."""

    def start(self, engine):
        """The empty state, a dict of arrays."""
        return {
            "omega": np.empty(engine.n_subsets),
            "tc": np.empty(engine.n_subsets),
            "ends": np.cumsum([0, *map(engine.size, engine.tasks)]),
        }

    def of_task(self, engine, task):
        """The part of one task, a dict of arrays."""
        omega, tc = np.empty(engine.size(task)), np.empty(engine.size(task))
        filled = 0
        for block in engine.blocks(task, with_tc=True):
            pack = _pack if _pack.is_worth(block.omega.size) else _pack_by_numpy
            filled = pack(block.omega, block.tc, omega, tc, filled)
        return {"omega": omega, "tc": tc}

    def add(self, state, index, part):
        """Put the part of task number ``index`` into the state."""
        run = slice(*state["ends"][index : index + 2])
        for name, values in part.items():
            if len(values) == len(state[name]):
                state[name] = values
            else:
                state[name][run] = values

    def finish(self, engine, state):
        """Omega and TC; keys and profile are not needed, since all is there."""
        return {"omega": state["omega"], "tc": state["tc"]}


class Best:
    """The ``top`` subsets of lowest and of highest Omega; of equal ones, those of lower keys."""

    def __init__(self, top):
        self.top = top

    def start(self, engine):
        """The empty state, a dict of arrays."""
        keys = np.full((2, self.top), LARGEST)
        profiles = np.tile(empty_profile(engine.lowest, engine.highest), (len(engine.tasks), 1, 1))
        return {"keys": keys, "values": np.full((2, self.top), np.inf), "profiles": profiles}

    def of_task(self, engine, task):
        """The part of one task, see :meth:`Engine.best`."""
        return engine.best(task, self.top)

    def add(self, state, index, part):
        """Put the part of task number ``index`` into the state."""
        for side in range(2):
            keys = np.concatenate([state["keys"][side], part["keys"][side]])
            values = np.concatenate([state["values"][side], part["values"][side]])
            state["keys"][side], state["values"][side] = merge_best(keys, values, self.top)
        state["profiles"][index] = part["profile"]

    def finish(self, engine, state):
        """Omega and TC, from lowest Omega to highest and none twice, their keys, and the profile of the orders."""
        omega = np.concatenate([state["values"][0], -state["values"][1]])
        keys, first = np.unique(state["keys"].ravel(), return_index=True)
        found = keys < LARGEST
        keys, omega = keys[found], omega[first[found]]
        order = np.lexsort((keys, omega))
        keys, omega = keys[order], omega[order]
        # summed in the order of the tasks, so that not even the last bit depends on who was quicker
        profile = state["profiles"].sum(axis=0)
        profile[:, 4], profile[:, 5] = state["profiles"][..., 4].min(axis=0), state["profiles"][..., 5].max(axis=0)
        tc = engine.measure(engine.subsets(keys))[1]
        return {"omega": omega, "tc": tc, "kept_keys": keys, "profile": profile}


def profile_of(engine, keys, omega):
    """The profile of these subsets."""
    profile = empty_profile(engine.lowest, engine.highest)
    tally(omega, engine.orders(keys), -engine.lowest, profile)
    return profile


def _pack_by_numpy(omega, tc, all_omega, all_tc, filled):
    """As :func:`_pack`."""
    there = ~np.isnan(omega)
    run = slice(filled, filled + np.count_nonzero(there))
    all_omega[run], all_tc[run] = omega[there], tc[there]
    return run.stop


@compiled(patience=PATIENCE, nogil=True)
def _pack(omega, tc, all_omega, all_tc, filled):
    for t in range(omega.size):
        if omega[t] == omega[t]:  # NaN stands for no subset
            all_omega[filled], all_tc[filled] = omega[t], tc[t]
            filled += 1
    return filled
