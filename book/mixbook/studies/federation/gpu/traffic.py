"""What each way to a mixture moves through memory, how long a card needs for that, and what was recorded on one."""

import json
from pathlib import Path

import pandas as pd

# bytes a second, the vendor's figures: nvidia2021, nvidia2023, nvidia2024 in references.bib
CARDS = {"A100 80GB": 2.039e12, "H100 SXM": 3.35e12, "H200": 4.8e12}
WHOLE = 2**14  # longest row that the kernel holds in registers, WHOLE of mixlib.federation.fused.on_gpu
PATHS = ("log-probs to mixture", "logits to mixture", "logits to target")


def moved(positions, specialists, outcomes, size=2):
    """Bytes through memory on each path, for numbers of ``size`` bytes in and out.

    Returns
    -------
    pandas.DataFrame
        A row a path. ``plain``: the formula in steps, each array between them written and read once; ``kernel``: ours,
        which reads rows twice that do not fit into registers; ``least``: inputs read once, result written once.
    """
    one = positions * outcomes * size  # an array (T, V)
    given, target = specialists * one, positions * size
    again = given if outcomes > WHOLE else 0
    rows = {
        PATHS[0]: {"plain": given + one, "kernel": given + one, "least": given + one},
        PATHS[1]: {"plain": 3 * given + one, "kernel": given + again + one, "least": given + one},
        PATHS[2]: {"plain": 2 * given + target, "kernel": given + target, "least": given + target},
    }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("path")


def floors(moved, rates=None):
    """Milliseconds that moving these bytes takes at least: a column a card, or a name of ``rates`` (bytes a second)."""
    return pd.DataFrame({name: 1e3 * moved / rate for name, rate in (rates or CARDS).items()})


def recorded(path):
    """The measurements that ``python -m benchmarks gpu`` has added to a file, a row each, newest machine last.

    Returns
    -------
    pandas.DataFrame
        Without rows if nothing was recorded.
    """
    columns = ["machine", "what", "by", "setting", "milliseconds", "GB/s"]
    rows = []
    for record in json.loads(Path(path).read_text(encoding="utf-8")):
        machine = "{device}, driver {driver}, {date}".format(**record)
        for row in record["measurements"]:
            rate = row["bytes"] / row["milliseconds"] / 1e6 if "bytes" in row else float("nan")
            rows.append([machine, row["what"], row["by"], row["setting"], row["milliseconds"], rate])
    return pd.DataFrame(rows, columns=columns)


def told(records):
    """What a reader should know of the record: where it comes from, or that there is none."""
    machines = list(dict.fromkeys(records["machine"]))
    return "Recorded on: " + "; ".join(machines) + "." if machines else "Nothing has been recorded yet."
