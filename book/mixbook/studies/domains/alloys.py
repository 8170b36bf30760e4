"""Alloys: properties that were measured over composition, held against those of the metals."""

import numpy as np
import pandas as pd
from scipy.spatial import ConvexHull

from mixlib.domains import alloys
from mixlib.instruments import hull_escape

# Measured eutectics: degrees Celsius, and the share of the second metal's atoms
EUTECTICS = {
    ("bismuth", "cadmium"): (146.0, 0.55),  # Moser et al. 1988
    ("lead", "tin"): (183.0, 0.739),  # Princeton University: 61.9% of the weight
    ("cadmium", "lead"): (248.0, 0.719),  # Dutkiewicz et al. 1988
}
# Resistivity at 293 K in 1e-8 ohm metre by the share of aluminium's weight in copper: CRC Handbook, a fit
RESISTIVITY = {0.0: 1.678, 0.01: 4.60, 0.05: 9.61, 0.1: 11.0, 0.25: 17.2, 0.3: 11.8, 0.4: 7.96, 0.5: 6.55}
RESISTIVITY |= {0.6: 5.88, 0.7: 5.31, 0.8: 4.58, 0.85: 4.10, 0.9: 3.59, 0.95: 3.10, 0.99: 2.74, 1.0: 2.650}
# Density in g/cm3 by the share of lead's weight in tin: a table of solders
DENSITY = {0.0: 7.29, 0.1: 7.54, 0.3: 8.17, 0.37: 8.46, 0.4: 8.52, 0.5: 8.90, 0.6: 9.28, 1.0: 11.34}
GAP_OF_ALLOY = 0.75  # eV of gallium and indium arsenide at 300 K: Burkhard et al. 1982
# Copper and nickel: degrees Celsius and nΩ m of the metals (CRC Handbook), and of constantan (Kanthal)
NICKEL = {"melting point (°C)": ([1084.6, 1455.0], 1280.0), "resistivity (nΩ m)": ([16.78, 69.3], 490.0)}
GALLIUM = {"critical": 295.0, "at": 282.0, "edges": (0.227, 0.7495)}  # liquids of cadmium, gallium: Moser et al. 1988
# Two liquid metals: the critical temperature in degrees Celsius, and below it the atoms' share of the second metal in
# the liquid or the two liquids that were measured
LIQUIDS = {
    ("cadmium", "gallium"): (GALLIUM["critical"], GALLIUM["edges"]),  # at 282 degrees
    ("gallium", "lead"): (606.0, (0.958,)),  # Khairulin & Stankus 2000; at 311 degrees: Ansara & Ajersch 1991
    ("aluminium", "bismuth"): (1037.0, (0.84,)),  # where aluminium freezes: McAlister 1984
    ("copper", "mercury"): (810.0, (0.15, 0.90)),  # at 660 degrees: Chakrabarti & Laughlin 1985
}
MIXING = dict.fromkeys(EUTECTICS, ())  # one liquid at every temperature


def measured():
    """Properties that were measured, beside those of the parts.

    Returns
    -------
    pandas.DataFrame
        By property and alloy: the ``lowest`` and ``highest`` part, ``alloy`` where it is farthest out, and ``escape``
        from the hull of the parts, over their distance. A density and the alloy's own is told as volume.
    """
    rows = {}
    for pair, (celsius, _) in EUTECTICS.items():
        parts = [alloys.MELTING[metal] - alloys.FREEZING for metal in pair]
        rows["melting point (°C)", " and ".join(pair)] = (parts, [celsius])
    for name, table, alloy in (
        ("resistivity (nΩ m)", {share: 10 * value for share, value in RESISTIVITY.items()}, "copper and aluminium"),
        ("density (g/cm³)", DENSITY, "tin and lead"),
    ):
        rows[name, alloy] = ([table[0.0], table[1.0]], [value for share, value in table.items() if 0 < share < 1])
    for name, (metals, constantan) in NICKEL.items():
        rows[name, "copper and nickel"] = (metals, [constantan])
    rows["band gap (eV)", "gallium and indium arsenide"] = (list(alloys.GAP), [GAP_OF_ALLOY])
    found = {}
    for row, (parts, mixed) in rows.items():
        parts, mixed = np.array(parts)[:, None], np.array(mixed)[:, None]
        escapes = hull_escape(mixed, np.broadcast_to(parts, (len(mixed), 2, 1))).distance
        found[row] = {
            "lowest": parts.min(),
            "alloy": float(mixed[np.argmax(escapes), 0]),
            "highest": parts.max(),
            "escape": round(float(escapes.max()), 9),
        }
    return pd.DataFrame.from_dict(found, orient="index").rename_axis(["property", "alloy of"])


def parting():
    """How far the liquid is from half and half below the critical temperature, in distances of the two metals.

    Above it the liquid is half and half for all. Of two liquids the nearer one counts.

    Returns
    -------
    pandas.Series
        By pair; 0 for the pairs that mix at all temperatures.
    """
    edges = {pair: shares for pair, (_, shares) in LIQUIDS.items()} | MIXING
    return pd.Series(
        {" and ".join(pair): min((abs(x - 0.5) for x in shares), default=0.0) for pair, shares in edges.items()}
    )


def volumes():
    """How far densities of solders are from the mean of their metals' volumes, as shares of themselves."""
    predicted = {share: 1 / (share / DENSITY[1.0] + (1 - share) / DENSITY[0.0]) for share in DENSITY if 0 < share < 1}
    return pd.Series({share: value / DENSITY[share] - 1 for share, value in predicted.items()})


def state(share, temperature):
    """What bismuth with a ``share`` of cadmium is at a temperature in K: words, and the liquid's share and cadmium."""
    pair = ("bismuth", "cadmium")
    melting, fusion = (np.array([table[metal] for metal in pair]) for table in (alloys.MELTING, alloys.FUSION))
    lowest, _ = alloys.eutectic(melting, fusion)
    if temperature >= alloys.liquidus(np.array([1 - share, share]), melting, fusion):
        return "liquid", 1.0, share
    if temperature < lowest:
        return "solid", 0.0, np.nan
    poor, rich = 1 - alloys.dissolved(temperature, *_part(0)), alloys.dissolved(temperature, *_part(1))
    if share < poor:
        return "crystals of bismuth in a melt", share / poor, poor
    return "crystals of cadmium in a melt", (1 - share) / (1 - rich), rich


def _part(which):
    metal = ("bismuth", "cadmium")[which]
    return alloys.MELTING[metal], alloys.FUSION[metal]


def parted(chi, points=20001):
    """Composition of the poorer liquid by the lower hull of the energy of mixing, in place of an equation."""
    x = np.linspace(0, 1, points)[1:-1]
    energy = x * np.log(x) + (1 - x) * np.log(1 - x) + chi * x * (1 - x)
    corners = np.column_stack([x, energy])
    hull = ConvexHull(np.vstack([corners, [[0.5, 10.0]]])).vertices
    kept = np.sort(x[hull[hull < len(x)]])
    widest = np.argmax(np.diff(kept))
    return float(kept[widest]) if np.diff(kept)[widest] > 5 / points else 0.5
