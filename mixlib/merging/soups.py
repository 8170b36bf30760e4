"""Combining models by their weights: soups, task vectors, and the line between two models.

A state is a dict of tensors as ``state_dict()`` gives it; all states have the same names and shapes.
"""

import numpy as np

from mixlib.simplex import check_weights


def soup(states, weights=None):
    r"""Model soup: the average of the weights of several models, :math:`\theta = \sum_i w_i \theta_i`.

    Parameters
    ----------
    states : sequence of N dict of str to tensor
        Weights of models of one shape, by name.
    weights : None or array (N,), default=None
        Weights on the simplex; ``None`` means ``1 / N`` each.

    Returns
    -------
    dict of str to tensor
        The average, by name.

    Raises
    ------
    ValueError
        If there is no state, states differ in names or shapes, or ``weights`` leave the simplex.

    Notes
    -----
    Source: Wortsman et al. 2022.

    Examples
    --------
    >>> import torch
    >>> from mixlib.merging import soup
    >>> soup([{"w": torch.tensor([0.0, 2.0])}, {"w": torch.tensor([4.0, 2.0])}], weights=[0.75, 0.25])
    {'w': tensor([1., 2.])}
    """
    states = _check_states(states)
    weights = check_weights(weights, len(states), like=np.zeros(len(states))).tolist()
    return {name: sum(w * state[name] for w, state in zip(weights, states, strict=True)) for name in states[0]}


def task_vectors(base, states, scale):
    r"""Task arithmetic: a base plus the scaled sum of task vectors, :math:`\theta_0 + s \sum_i (\theta_i - \theta_0)`.

    Scale 0 is the base, :math:`1 / N` the uniform soup, 1 the sum of all task vectors; what is beyond extrapolates.

    Parameters
    ----------
    base : dict of str to tensor
        What all of ``states`` were fine-tuned from.
    states : sequence of N dict of str to tensor
        Weights of models of one shape, by name.
    scale : float
        How far to go along the sum, :math:`s`.

    Returns
    -------
    dict of str to tensor
        The new weights, by name.

    Raises
    ------
    ValueError
        If there is no state, or states differ from the base in names or shapes.

    Notes
    -----
    Source: Ilharco et al. 2023.

    Examples
    --------
    >>> import torch
    >>> from mixlib.merging import task_vectors
    >>> base, states = {"w": torch.zeros(2)}, [{"w": torch.tensor([1.0, 0.0])}, {"w": torch.tensor([0.0, 1.0])}]
    >>> task_vectors(base, states, scale=0.5)
    {'w': tensor([0.5000, 0.5000])}
    """
    base, *states = _check_states([base, *states])
    if not states:
        raise ValueError("states: empty; a task vector leads from the base to a state")
    return {name: start + scale * sum(state[name] - start for state in states) for name, start in base.items()}


def along_line(start, end, t):
    r"""Linear interpolation of two models' weights, :math:`(1 - t)\, \theta_a + t\, \theta_b`.

    Outside of 0 to 1 it extrapolates.

    Parameters
    ----------
    start : dict of str to tensor
        :math:`\theta_a`, by name.
    end : dict of str to tensor
        :math:`\theta_b`, of the same names and shapes.
    t : float
        0 is ``start``, 1 is ``end``.

    Returns
    -------
    dict of str to tensor
        The weights in between, by name.

    Raises
    ------
    ValueError
        If the states differ in names or shapes.

    Examples
    --------
    >>> import torch
    >>> from mixlib.merging import along_line
    >>> along_line({"w": torch.zeros(2)}, {"w": torch.tensor([4.0, 8.0])}, 0.25)
    {'w': tensor([1., 2.])}
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
