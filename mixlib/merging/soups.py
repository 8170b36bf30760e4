"""Soups, task vectors and the line between two models: short names for the methods that compute them.

A state is a dict of tensors as ``state_dict()`` gives it; all states have the same names, shapes and dtypes.
"""

from mixlib.arrays import real
from mixlib.merging.states import check_alike, merge, numbered

__all__ = ["along_line", "soup", "task_vectors"]


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
        If there is no state, states differ in names, shapes or dtypes, or ``weights`` leave the simplex.

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
    return merge(_alike(states), "linear", weights)


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
        If there is no state, or states differ from the base in names, shapes or dtypes.

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
    base, *states = _alike([base, *states])
    if not states:
        raise ValueError("states: empty; a task vector leads from the base to a state")
    real(scale, "scale")
    return merge(states, "task-arithmetic", base=base, scale=scale * len(states))


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
        If the states differ in names, shapes or dtypes.

    Examples
    --------
    >>> import torch
    >>> from mixlib.merging import along_line
    >>> along_line({"w": torch.zeros(2)}, {"w": torch.tensor([4.0, 8.0])}, 0.25)
    {'w': tensor([1., 2.])}
    """
    start, end = _alike([start, end])
    real(t, "t")
    return merge([end], "task-arithmetic", base=start, scale=t)


def _alike(states):
    states = list(states)
    if not states:
        raise ValueError("states: empty; give at least one state")
    check_alike(numbered(states), "states")
    return states
