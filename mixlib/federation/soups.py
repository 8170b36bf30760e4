"""Combining models by their weights: soups, task vectors, and the line between two models.

A state is a dict of tensors as ``state_dict()`` gives it; all states have the same names and shapes.
"""

import numpy as np

from mixlib.simplex import check_weights


def soup(states, weights=None):
    r"""Average of the weights of several models, :math:`\theta = \sum_i w_i \theta_i`.

    Parameters
    ----------
    states : sequence of N dict of str to tensor
    weights : array (N,), optional
        Weights on the simplex, ``1 / N`` each by default.

    Returns
    -------
    dict of str to tensor

    Raises
    ------
    ValueError
        If there is no state, states differ in names or shapes, or ``weights`` leave the simplex.

    Notes
    -----
    Source: Wortsman et al. 2022.
    """
    states = _check_states(states)
    weights = check_weights(weights, len(states), like=np.zeros(len(states))).tolist()
    return {name: sum(w * state[name] for w, state in zip(weights, states, strict=True)) for name in states[0]}


def task_vectors(base, states, scale):
    r"""Go from a base along the sum of the task vectors, :math:`\theta = \theta_0 + s \sum_i (\theta_i - \theta_0)`.

    Scale 0 is the base, :math:`1 / N` the uniform soup, 1 the sum of all task vectors; what is beyond extrapolates.

    Parameters
    ----------
    base : dict of str to tensor
        What all of ``states`` were fine-tuned from.
    states : sequence of N dict of str to tensor
    scale : float

    Returns
    -------
    dict of str to tensor

    Raises
    ------
    ValueError
        If there is no state, or states differ from the base in names or shapes.

    Notes
    -----
    Source: Ilharco et al. 2023.
    """
    base, *states = _check_states([base, *states])
    if not states:
        raise ValueError("states: empty; a task vector leads from the base to a state")
    return {name: start + scale * sum(state[name] - start for state in states) for name, start in base.items()}


def along_line(start, end, t):
    r"""The model at :math:`(1 - t)\, \theta_a + t\, \theta_b`; outside of 0 to 1 it extrapolates.

    Raises
    ------
    ValueError
        If the states differ in names or shapes.
    """
    start, end = _check_states([start, end])
    return {name: (1 - t) * start[name] + t * end[name] for name in start}


def _check_states(states):
    states = list(states)
    if not states:
        raise ValueError("states: empty; give at least one state")
    shapes = [{name: tuple(values.shape) for name, values in state.items()} for state in states]
    for number, other in enumerate(shapes[1:], 1):
        if other != shapes[0]:
            name = next(n for n in {**shapes[0], **other} if shapes[0].get(n) != other.get(n))
            raise ValueError(
                f"states: {name!r} has shape {shapes[0].get(name)} in the first and {other.get(name)} in number "
                f"{number}; only models of one architecture can be averaged"
            )
    return states
