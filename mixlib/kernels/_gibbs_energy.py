"""The blend of ideal gases that has the least Gibbs energy among those that hold the same elements."""

import numpy as np
from scipy.linalg import orth
from scipy.optimize import linprog, minimize, root
from scipy.special import logsumexp, softmax

BALANCE = 1e-10  # what the elements of an equilibrium may be off by, as a share of the total amount


def least_gibbs_energy(start, atoms, energies):
    """Amounts (d,) at equilibrium, mol.

    ``start`` (d,) is what there is at first, ``atoms`` (e, d) the elements in each species, and ``energies`` (d,) their
    standard potentials at the pressure, over R T.
    """
    total = start.sum()
    if total == 0:
        return start
    start = start / total
    possible = _possible(start, atoms)
    # an orthonormal basis of the conserved quantities, for elements may come in fixed proportions
    basis = orth(atoms[:, possible].T).T
    stock, energies = basis @ start[possible], energies[possible]

    def shares(unknowns):
        return np.exp(np.minimum(basis.T @ unknowns - energies, 300))

    def log_total(unknowns):
        return logsumexp(basis.T @ unknowns - energies)

    # without the entropy the dual is a linear programme, and its solution a start that no energy is too large for
    coldest = linprog(-stock, A_ub=basis.T, b_ub=energies, bounds=(None, None)).x
    warm = minimize(
        lambda u: -stock @ u,
        coldest,
        jac=lambda u: -stock,
        method="SLSQP",
        constraints={
            "type": "ineq",
            "fun": lambda u: -log_total(u),
            "jac": lambda u: -basis @ softmax(basis.T @ u - energies),
        },
        options={"maxiter": 500, "ftol": 1e-12},
    ).x
    moles = np.linalg.norm(stock) / np.linalg.norm(basis @ shares(warm))

    def imbalance(unknowns):
        x, moles = shares(unknowns[:-1]), np.exp(unknowns[-1])
        return np.append(moles * (basis @ x) - stock, x.sum() - 1)

    def slope(unknowns):
        x, moles = shares(unknowns[:-1]), np.exp(unknowns[-1])
        return np.block([[moles * (basis * x) @ basis.T, moles * (basis @ x)[:, None]], [basis @ x, 0.0]])

    polished = root(imbalance, np.append(warm, np.log(moles)), jac=slope, tol=1e-14).x
    off = np.abs(imbalance(polished)).max()
    if not off <= BALANCE:
        raise ValueError(
            f"standard_potentials: no equilibrium found (off balance by {off:.1g} of the total amount); "
            "check potentials, temperature and pressure"
        )
    settled = np.zeros_like(start)
    settled[possible] = np.exp(polished[-1]) * shares(polished[:-1])
    return total * settled


def _possible(start, atoms):
    """Which species can be there at all: those positive in some blend that holds the same elements."""
    d = len(start)
    # n = (y + z) / t with y <= 1 and a free scale t: every possible species can reach y = 1 at once
    system = np.hstack([atoms, atoms, -(atoms @ start)[:, None]])
    bounds = [(0, 1)] * d + [(0, None)] * d + [(1, None)]
    reach = linprog(np.append(-np.ones(d), np.zeros(d + 1)), A_eq=system, b_eq=np.zeros(len(atoms)), bounds=bounds).x
    return reach[:d] > 0.5
