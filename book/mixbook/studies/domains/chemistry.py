"""Chemistry: hydrogen and oxygen that ignite, as computed and as measured, in several gases; emulsions of two kinds."""

import itertools

import numpy as np
import pandas as pd
from scipy.constants import atm

from mixlib.domains import liquids
from mixlib.domains.combustion import MECHANISM, Burning, atoms, gas_of, reactions
from mixlib.instruments import hull_escape

NEWER = "example_data/ammonia-CO-H2-Alzueta-2023.yaml"  # a mechanism of 2023 that Cantera brings along
BATHS = {"argon": "AR", "nitrogen": "N2", "steam": "H2O"}
SHARES = np.arange(1, 10) / 10  # of hydrogen
TO_HO2 = (" + M", " + O2", " + H2O", " + N2", " + AR", " (+M)")  # what a third partner of H + O2 can be

# ignition delays behind shock waves: gas by shares, what was watched, then K, atm and millionths of a second
SHOCK_TUBES = {
    "Slack 1977": (
        {"H2": 0.2958, "O2": 0.1479, "N2": 0.5563},
        "OH",
        [
            *((1184, 2, 22.3), (1169, 2, 21.2), (1143, 2, 27.3), (1102, 2, 36.6), (1076, 2, 48.5), (1059, 2, 58.7)),
            *((1045, 2, 81.4), (1031, 2, 118.2), (1028, 2, 146.3), (1024, 2, 124), (1013, 2, 281.3), (1004, 2, 361.4)),
            *((993, 2, 308.4), (993, 2, 492), (992, 2, 421.9), (984, 2, 637.9)),
        ],
    ),
    "Bhaskaran 1973": (
        {"H2": 0.2959, "O2": 0.1479, "N2": 0.5562},
        "pressure",
        [
            *((1323, 2.5, 10.1), (1289, 2.5, 12.5), (1268, 2.5, 12.8), (1258, 2.5, 12.1), (1232, 2.5, 15)),
            *((1200, 2.5, 18.1), (1180, 2.5, 21), (1171, 2.5, 21.8), (1116, 2.5, 35.5), (1098, 2.5, 44.9)),
            *((1081, 2.5, 64.4), (1077, 2.5, 58.2), (1067, 2.5, 86.1), (1038, 2.5, 191.6)),
        ],
    ),
    "Skinner 1965": (
        {"H2": 0.08, "O2": 0.02, "AR": 0.9},
        "OH peak",
        [
            *((964, 5, 15000), (965, 5, 10000), (981, 5, 4300), (1004, 5, 1700), (1005, 5, 2300), (1024, 5, 900)),
            (1075, 5, 220),
        ],
    ),
}


def shock_tubes():
    """Ignition delays as they were measured, and by two mechanisms.

    Returns
    -------
    pandas.DataFrame
        A row a shock: ``study``, ``bath``, ``kelvin``, ``atm``, ``measured``, ``old`` and ``newer`` (s).
    """
    rows = []
    for study, (gas, signal, shocks) in SHOCK_TUBES.items():
        for kelvin, pressure, measured in shocks:
            computed = [
                Burning(temperature=kelvin, pressure=pressure * atm, mechanism=mechanism).delay(
                    gas_of(gas, mechanism), signal=signal, patience=1.0
                )
                for mechanism in ("h2o2.yaml", NEWER)
            ]
            bath = "nitrogen" if "N2" in gas else "argon"
            rows.append((study, bath, kelvin, pressure, measured * 1e-6, *computed))
    return pd.DataFrame(rows, columns=["study", "bath", "kelvin", "atm", "measured", "old", "newer"])


def poured(share, bath=None, dilution=2.0):
    """Amounts (2, d) of hydrogen and of oxygen in a bath gas, and their weights (2,)."""
    inert = {BATHS[bath]: dilution} if bath else {}
    parts = np.array([gas_of({"H2": 1.0} | inert), gas_of({"O2": 1.0} | inert)])
    return np.array([share, 1 - share]), parts


def history(kelvin, share, times):
    """Temperatures and amounts over ``times`` of hydrogen, of that ``share``, and oxygen at 1 atm."""
    weights, parts = poured(share)
    return Burning(temperature=kelvin).history(weights @ parts, times)


def escapes(kelvins=(700, 1000, 1250, 1500), shares=SHARES, seconds=20.0):
    """How far burnt gas is outside the hull of its two gases, counted in molecules and in atoms.

    Returns
    -------
    pandas.DataFrame
        A row a mixture: ``bath``, ``kelvin``, ``share``, ``molecules``, ``atoms``, ``lost`` (largest change of an
        element's amount) and ``hotter`` (K).
    """
    rows, counted = [], atoms()
    for bath, kelvin, share in itertools.product((None, "argon", "nitrogen"), kelvins, shares):
        weights, parts = poured(share, bath)
        before = weights @ parts
        warm, after = Burning(temperature=kelvin).history(before, [seconds])
        far = [
            float(hull_escape(after[0] @ chart, parts @ chart).distance) for chart in (np.eye(len(before)), counted.T)
        ]
        lost = np.abs(counted @ (after[0] - before)).max()
        rows.append((bath or "no other gas", kelvin, share, *far, lost, warm[0] - kelvin))
    return pd.DataFrame(rows, columns=["bath", "kelvin", "share", "molecules", "atoms", "lost", "hotter"])


def baths(kelvins, pressure=2 * atm, dilution=7.0, *, mechanism=MECHANISM, names=tuple(BATHS)):
    """Ignition delays (s) of two of hydrogen and one of oxygen in so much of another gas, one of ``names``.

    Returns
    -------
    pandas.DataFrame
        Rows by temperature; columns by bath, and by whether a third partner may catch what H and O2 set free.
    """
    to_ho2 = {f"H + O2{partner} <=> HO2{partner}" for partner in TO_HO2}
    caught = tuple(equation for equation in reactions(mechanism) if equation in to_ho2)
    found = {
        (bath, catch): [
            Burning(temperature=kelvin, pressure=pressure, off=() if catch else caught, mechanism=mechanism).delay(
                gas_of({"H2": 2, "O2": 1, BATHS[bath]: dilution}, mechanism), patience=2.0
            )
            for kelvin in kelvins
        ]
        for bath, catch in itertools.product(names, (True, False))
    }
    return pd.DataFrame(found, index=kelvins)


def emulsions():
    """From which share of drops on an emulsion with water is more viscous than both of its liquids.

    Returns
    -------
    pandas.DataFrame
        Rows by liquid: ``thick`` (its viscosity, mPa s), ``in water`` and ``water in it``.
    """
    rows = {
        name: (
            viscosity,
            liquids.share_that_exceeds(viscosity, liquids.WATER_VISCOSITY),
            liquids.share_that_exceeds(liquids.WATER_VISCOSITY, viscosity),
        )
        for name, viscosity in liquids.VISCOSITIES.items()
    }
    return pd.DataFrame.from_dict(rows, orient="index", columns=["thick", "in water", "water in it"])
