"""From entropies of subsets to total correlation, its dual, O-information and the gradient."""

from array_api_compat import array_namespace


def totals_from_entropy(entropy, n):
    r"""TC, DTC, Omega and S of ``n`` variables as a dict, given the entropy of any subset of them.

    .. math:: \Omega = (n - 2)\, H(X) + \sum_i \bigl[ H(X_i) - H(X_{-i}) \bigr]

    ``entropy`` maps a sorted tuple of variables to an array, the values have that array's shape. Two variables give
    exactly Omega 0.

    Source: Rosas et al. 2019.
    """
    everything = tuple(range(n))
    whole = entropy(everything)
    tc = sum(entropy((i,)) for i in everything) - whole
    dtc = sum(entropy(_without(everything, i)) for i in everything) - (n - 1) * whole
    return {"tc": tc, "dtc": dtc, "omega": _o_information(entropy, everything), "s_information": tc + dtc}


def gradient_from_entropy(entropy, n):
    r"""What each of ``n`` variables adds to Omega, :math:`\Omega(X) - \Omega(X_{-i})`: an array (..., n).

    Source: Scagliarini et al. 2023.
    """
    everything = tuple(range(n))
    omega = _o_information(entropy, everything)
    gradient = [omega - _o_information(entropy, _without(everything, i)) for i in everything]
    return array_namespace(omega).stack(gradient, axis=-1)


def measures_from_entropy(entropy, n):
    """All of these as keyword arguments for :class:`~mixlib.information.Information`."""
    return totals_from_entropy(entropy, n) | {"gradient": gradient_from_entropy(entropy, n)}


def _o_information(entropy, variables):
    if len(variables) < 2:
        return 0 * entropy(variables)
    balance = sum(entropy((i,)) - entropy(_without(variables, i)) for i in variables)
    return (len(variables) - 2) * entropy(variables) + balance


def _without(variables, i):
    return tuple(j for j in variables if j != i)
