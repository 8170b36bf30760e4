"""From entropies of subsets to total correlation, its dual, O-information and the gradient."""

from array_api_compat import array_namespace


def o_information_from_entropy(entropy, n):
    r"""O-information of ``n`` variables, given the entropy of any subset of them.

    .. math:: \Omega = (n - 2)\, H(X) + \sum_i \bigl[ H(X_i) - H(X_{-i}) \bigr]

    ``entropy`` maps a sorted tuple of variables to an array; the result has that array's shape. Two variables
    give exactly 0, one gives 0 as well.

    Source: Rosas et al. 2019.
    """
    return _o_information(entropy, tuple(range(n)))


def measures_from_entropy(entropy, n):
    """TC, DTC, Omega, S and the gradient as keyword arguments for :class:`~mixlib.information.Information`.

    ``entropy`` maps a sorted tuple of variables to an array (...); the gradient is (..., n).
    """
    everything = tuple(range(n))
    whole = entropy(everything)
    rests = [entropy(_without(everything, i)) for i in everything]
    omega = _o_information(entropy, everything)
    gradient = [omega - _o_information(entropy, _without(everything, i)) for i in everything]
    tc = sum(entropy((i,)) for i in everything) - whole
    dtc = sum(rests) - (n - 1) * whole
    return {
        "tc": tc,
        "dtc": dtc,
        "omega": omega,
        "s_information": tc + dtc,
        "gradient": array_namespace(whole).stack(gradient, axis=-1),
    }


def _o_information(entropy, variables):
    if len(variables) < 2:
        return 0 * entropy(variables)
    balance = sum(entropy((i,)) - entropy(_without(variables, i)) for i in variables)
    return (len(variables) - 2) * entropy(variables) + balance


def _without(variables, i):
    return tuple(j for j in variables if j != i)
