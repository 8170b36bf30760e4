"""Permutation alignment: hidden units of one network renamed to match another's, then a merge."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import torch
from scipy.optimize import linear_sum_assignment

from mixlib.arrays import generator, whole
from mixlib.merging.base import Method
from mixlib.merging.states import method_of

__all__ = ["Alignment", "align"]

ROUNDS = 100
STATISTICS = "running_mean", "running_var"  # of a BatchNorm: they move along, and are no weights to match


def align(state, reference, groups, *, starts=1, rng=None):
    r"""Rename the hidden units of a network, so that its weights come near those of another (weight matching).

    The function that the network computes stays. Permutations :math:`P` are found that maximise the inner product
    :math:`\langle \theta_\text{ref}, P\theta \rangle` of all tensors in ``groups``, which minimises the distance.
    With one hidden layer that is a linear assignment, solved exactly; with more the layers are matched in turn, each
    given the others, until none gets better: a local optimum.

    Parameters
    ----------
    state : dict of str to tensor
        The network to rename, as ``state_dict()`` gives it.
    reference : dict of str to tensor
        The one to match: the same names and shapes.
    groups : sequence of sequence of (str, int)
        For each hidden layer the tensors and axes that its units are on, as :func:`groups_of` finds them.
    starts : int, default=1
        From how many permutations to begin, the first as they are, then random ones; the best end counts. More find
        better matches of deep networks, each at the cost of the first.
    rng : None, int or numpy.random.Generator, default=None
        Source of the starts and of the order of layers; ``None`` is seed 0.

    Returns
    -------
    dict of str to tensor
        The renamed network; tensors of no group are those of ``state``.

    Raises
    ------
    ValueError
        If the states differ in names or shapes, a group names a tensor or an axis that is not there, has one tensor
        twice, or axes that are no multiple of the shortest.

    Notes
    -----
    Source: Ainsworth, Hayase and Srinivasa 2023.

    Examples
    --------
    >>> import torch
    >>> from mixlib.merging import align
    >>> one = {"in": torch.tensor([[1.0], [2.0]]), "out": torch.tensor([[3.0, 4.0]])}
    >>> other = {"in": one["in"].flip(0), "out": one["out"].flip(1)}
    >>> align(other, one, [[("in", 0), ("out", 1)]])
    {'in': tensor([[1.],
            [2.]]), 'out': tensor([[3., 4.]])}
    """
    whole(starts, "starts", 1)
    sizes, rng = _sizes(groups, state), generator(rng)
    if wrong := [name for group in groups for name, _ in group if _shape(reference, name) != _shape(state, name)]:
        name = wrong[0]
        raise ValueError(
            f"reference: {name!r} is {_shape(reference, name)} there and {_shape(state, name)} in state; only "
            "networks of one architecture can be matched"
        )
    names = {name for group in groups for name, _ in group if not name.endswith(STATISTICS)}
    target = {name: _array(reference[name]) for name in names}
    best = None
    for start in range(starts):
        orders = [np.arange(size) if start == 0 else rng.permutation(size) for size in sizes]
        orders, reached = _match({name: _array(state[name]) for name in names}, target, groups, sizes, orders, rng)
        if best is None or reached > best[0]:
            best = reached, orders
    renamed = dict(state)
    for group, order in zip(groups, best[1], strict=True):
        for name, axis in group:
            moved = torch.as_tensor(order, device=renamed[name].device)
            renamed[name] = _reordered(renamed[name], axis, moved).contiguous()
    return renamed


@dataclass(frozen=True, kw_only=True)
class Alignment(Method):
    r"""Permutation alignment (weight matching, Git Re-Basin): hidden units are matched by :func:`align`, then merged.

    Networks that were trained apart have the same units in different orders. Renamed, their means work better, though
    not as well as those of models of one base; the activations of the mean can be mended by :func:`repair`.

    Parameters
    ----------
    groups : sequence of sequence of (str, int), default=()
        For each hidden layer the tensors and axes that its units are on, as :func:`groups_of` finds them for a model.
    then : str or Method, default="linear"
        The merge of the renamed models.
    towards : {"first", "mean"}, default="first"
        What to match: the first model, or, in turns until nothing moves, each model the mean of the others. With three
        models or more the second treats them alike and costs more. A method of task vectors matches them to the base.
    starts : int, default=1
        As in :func:`align`.

    Raises
    ------
    ValueError
        If there are no groups although the models have more than one matrix, a group does not fit, or an option is
        unknown.

    Notes
    -----
    Source: Ainsworth, Hayase and Srinivasa 2023.

    Examples
    --------
    >>> import torch
    >>> from mixlib.merging import merge
    >>> one = {"in": torch.tensor([[1.0], [2.0]]), "out": torch.tensor([[3.0, 4.0]])}
    >>> other = {"in": one["in"].flip(0), "out": one["out"].flip(1)}
    >>> merge([one, other], "alignment", groups=[[("in", 0), ("out", 1)]])["out"]
    tensor([[3., 4.]])
    """

    formula: ClassVar[str] = "Σ wᵢ Pᵢ θᵢ"
    reference: ClassVar[str] = "ainsworth2023"
    whole: ClassVar[bool] = True

    groups: tuple = ()
    then: str | Method = "linear"
    towards: str = "first"
    starts: int = 1

    def __post_init__(self):
        super().__post_init__()
        whole(self.starts, "starts", 1)
        if self.towards not in ("first", "mean"):
            raise ValueError(f"towards: got {self.towards!r}, expected first or mean")

    def tensor(self, tensors, weights, base=None, name=""):
        """The merge of tensors that are aligned already."""
        return method_of(self.then, {}).tensor(tensors, weights, base, name)

    def states(self, states, weights, base=None):
        """Rename the units of all states but the first, or the base, then merge them."""
        merge = method_of(self.then, {})
        matrices = [name for name, tensor in states[0].items() if tensor.ndim > 1]
        if not self.groups and len(matrices) > 1:
            raise ValueError(
                f"groups: none are given, and the models have {len(matrices)} matrices; say which axes are one layer's "
                "units, groups=groups_of(model) for a Sequential"
            )
        if merge.needs_base:
            if base is None:
                raise ValueError(f"base: {type(merge).__name__} needs the model that the others were fine-tuned from")
            states = [align(state, base, self.groups, starts=self.starts) for state in states]
        else:
            first, *others = states
            states = [first, *(align(state, first, self.groups, starts=self.starts) for state in others)]
            if self.towards == "mean":
                states = self._to_the_mean(states, weights)
        return merge.states(states, weights, base)

    def _to_the_mean(self, states, weights):
        for _ in range(ROUNDS):
            moved = False
            for i, state in enumerate(states):
                rest = [(w, other) for j, (w, other) in enumerate(zip(weights, states, strict=True)) if j != i]
                if rest:
                    mean = {name: sum(float(w) * other[name] for w, other in rest) for name in state}
                    states[i] = align(state, mean, self.groups)
                    moved |= any(not torch.equal(states[i][name], state[name]) for name in state)
            if not moved:
                break
        return states


def _match(arrays, target, groups, sizes, orders, rng):
    """Orders of the units of each group that no change of one group improves, and the inner product they reach."""
    for group, order in zip(groups, orders, strict=True):
        _move(arrays, group, order)
    for _ in range(ROUNDS):
        moved = False
        for g in rng.permutation(len(groups)):
            gain = np.zeros((sizes[g], sizes[g]))  # of unit j in place i
            for name, axis in groups[g]:
                if name in arrays:
                    gain += _units(target[name], axis, sizes[g]) @ _units(arrays[name], axis, sizes[g]).T
            _, order = linear_sum_assignment(gain, maximize=True)
            better = gain[np.arange(sizes[g]), order].sum() - np.trace(gain)
            if better > 1e-12 * np.abs(gain).sum():
                moved, orders[g] = True, orders[g][order]
                _move(arrays, groups[g], order)
        if not moved:
            break
    return orders, sum(float(np.vdot(target[name], array)) for name, array in arrays.items())


def _move(arrays, group, order):
    for name, axis in group:
        if name in arrays:
            arrays[name] = _reordered(arrays[name], axis, order)


def _units(array, axis, size):
    """All numbers of each unit, (size, ...)."""
    return np.moveaxis(array, axis, 0).reshape(size, -1)


def _reordered(tensor, axis, order):
    """An array or tensor with its units in another order; an axis may hold a block a unit."""
    front = tensor.swapaxes(axis, 0)
    moved = front.reshape(len(order), -1, *front.shape[1:])[order]
    return moved.reshape(front.shape).swapaxes(axis, 0)


def _sizes(groups, state):
    """How many units each group has."""
    sizes = []
    for number, group in enumerate(groups):
        if missing := [name for name, axis in group if name not in state or axis >= state[name].ndim]:
            raise ValueError(f"groups: group {number} names {missing[0]!r} or an axis of it, which the state lacks")
        if len({name for name, _ in group}) < len(group):
            raise ValueError(f"groups: group {number} has a tensor twice; units on two axes of one cannot be matched")
        lengths = [state[name].shape[axis] for name, axis in group]
        size = min(lengths, default=0)
        if not size or any(length % size for length in lengths):
            raise ValueError(f"groups: group {number} has axes of lengths {lengths}, expected multiples of one number")
        sizes.append(size)
    return sizes


def _shape(state, name):
    return tuple(state[name].shape) if name in state else "missing"


def _array(tensor):
    return tensor.detach().cpu().double().numpy()
