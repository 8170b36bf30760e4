"""Small text of three domains, as folders of files."""

import numpy as np
import pytest

WORDS = {
    "sea": ["wave", "tide", "sail", "harbour", "mast", "gull", "salt", "anchor", "reef", "storm", "keel", "current"],
    "kitchen": [
        "flour",
        "oven",
        "salt",
        "pepper",
        "knife",
        "simmer",
        "butter",
        "crust",
        "whisk",
        "bowl",
        "dough",
        "yeast",
    ],
    "garden": [
        "soil",
        "seed",
        "prune",
        "rose",
        "root",
        "mulch",
        "spade",
        "petal",
        "frost",
        "bloom",
        "hedge",
        "compost",
    ],
}


@pytest.fixture(scope="session")
def folders(tmp_path_factory):
    """Three folders of 24 text files each; sentences are random, so no long run of words repeats."""
    root, rng = tmp_path_factory.mktemp("text"), np.random.default_rng(0)
    for domain, words in WORDS.items():
        (root / domain).mkdir()
        for i in range(24):
            lines = [" ".join(rng.choice(words, 9)) + "." for _ in range(40)]
            (root / domain / f"{i:02}.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return {domain: root / domain for domain in WORDS}
