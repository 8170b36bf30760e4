"""How long first calls take: each public function on small input, in its own process, with no compiled code kept.

``python -m benchmarks.first_calls [part of a name]``
"""

import os
import subprocess
import sys
import tempfile

ROWS = "np.log(rng.dirichlet(np.ones(50), size=(3, 40)))"
NORMAL = "rng.normal(size=(200, {columns}))"
TOKENS = "rng.integers(20, size=300)"

CALLS = {
    "kernels": """
        from mixlib.kernels import ZOO
        for kernel in ("linear", "log-linear", "multiplicative-synergistic"):
            ZOO[kernel]()(np.full(3, 1 / 3), rng.random((3, 2)))""",
    "hull_escape": "mixlib.hull_escape(rng.random((5, 3)), rng.random((6, 3)))",
    "hull_escape(...).depth": "mixlib.hull_escape(rng.random((5, 3)), rng.random((6, 3))).depth",
    "hull_escape, one part and more": """
        mixlib.hull_escape(rng.random(2), rng.random((70, 2)))
        mixlib.hull_escape(rng.random((20, 3)), rng.random((20, 4, 3)), design="addition", chart="log")""",
    "interaction_share": "mixlib.interaction_share(lambda x: x[..., 0] * x[..., 1], n_parts=2)",
    "profile": """
        from mixlib.instruments import profile
        from mixlib.kernels import Linear
        profile(Linear(), n_parts=2, n_samples=20)""",
    "o_information gaussian": f"mixlib.o_information({NORMAL.format(columns=4)})",
    "o_information copula": f"mixlib.o_information({NORMAL.format(columns=4)}, 'gaussian-copula')",
    "o_information ksg": f"mixlib.o_information({NORMAL.format(columns=3)}, 'ksg')",
    "o_information plugin": "mixlib.o_information(rng.integers(3, size=(200, 3)), 'plugin')",
    "o_information auto": f"mixlib.o_information({NORMAL.format(columns=3)}, 'auto')",
    "from_pmf": "from mixlib.information import from_pmf; from_pmf(rng.dirichlet(np.ones(8)).reshape(2, 2, 2))",
    "from_covariance": "from mixlib.information import from_covariance; from_covariance(np.eye(4) + 0.3)",
    "o_information_sweep, few orders": f"mixlib.o_information_sweep({NORMAL.format(columns=10)}, orders='3-5', top=5)",
    "o_information_sweep, all orders": f"mixlib.o_information_sweep({NORMAL.format(columns=9)})",
    "o_information_sweep, copula, null": f"""
        mixlib.o_information_sweep({NORMAL.format(columns=8)}, orders=3, top=5, estimator="gaussian-copula", null=1)""",
    "o_information_sweep, covariance": "mixlib.o_information_sweep(covariance=np.eye(8) + 0.3, orders=(3, 4))",
    "o_information_sweep, ksg": f"mixlib.o_information_sweep({NORMAL.format(columns=5)}, orders=3, estimator='ksg')",
    "o_information_sweep, plugin": """
        mixlib.o_information_sweep(rng.integers(2, size=(200, 5)), orders=3, estimator="plugin")""",
    "o_information_sweep, greedy": f"""
        mixlib.o_information_sweep({NORMAL.format(columns=9)}, orders="3-5", top=5, search="greedy")""",
    "o_information_sweep, annealing": f"""
        mixlib.o_information_sweep({NORMAL.format(columns=9)}, orders=4, top=5, search="annealing", steps=100)""",
    "mixture_combine": f"from mixlib.federation import mixture_combine; mixture_combine({ROWS})",
    "mixture_combine, float32": f"""
        from mixlib.federation import mixture_combine
        mixture_combine({ROWS}.astype(np.float32), [0.2, 0.3, 0.5], temperatures=[1, 2, 0.5])""",
    "mixture_from_logits": """
        from mixlib.federation import mixture_from_logits
        mixture_from_logits(rng.normal(size=(3, 40, 50)))""",
    "mixture_target_log_prob": """
        from mixlib.federation import mixture_target_log_prob
        mixture_target_log_prob(rng.normal(size=(3, 40, 50)), rng.integers(50, size=40))""",
    "product_combine": f"from mixlib.federation import product_combine; product_combine({ROWS})",
    "log_linear_combine": f"from mixlib.federation import log_linear_combine; log_linear_combine({ROWS})",
    "perplexity": f"from mixlib.federation import perplexity; perplexity({ROWS})",
    "attribute": f"from mixlib.federation import attribute; attribute({ROWS}, rng.integers(50, size=40))",
    "combiners": f"""
        from mixlib.federation import BayesPosterior, EMWeights, FixedShare, Router, log_probs_along
        text = {ROWS}[:, :, 0]
        for kind in (FixedShare, BayesPosterior, EMWeights, Router):
            log_probs_along(kind(3).fit(text), text)""",
    "GeometricMixing": f"""
        from mixlib.federation import GeometricMixing, Predictions, log_probs_along
        text = Predictions.from_rows({ROWS}, rng.integers(50, size=40))
        log_probs_along(GeometricMixing(3).fit(text), text)""",
    "EntropyWeights, LearnedGate": f"""
        from mixlib.federation import EntropyWeights, LearnedGate, Predictions, log_probs_along
        text = Predictions.from_rows({ROWS}, rng.integers(50, size=40))
        for kind in (EntropyWeights, LearnedGate):
            log_probs_along(kind(3).fit(text), text)""",
    "KneserNey": f"""
        from mixlib.federation import KneserNey
        tokens = {TOKENS}
        model = KneserNey(20).fit(tokens)
        model.log_probs(tokens), model.target_log_probs(tokens)""",
    "CacheModel": f"""
        from mixlib.federation import CacheModel
        tokens = {TOKENS}
        model = CacheModel(20).fit(tokens)
        model.log_probs(tokens), model.target_log_probs(tokens)""",
    "divergences": f"from mixlib.federation.audit.disagreement import divergences; divergences({ROWS})",
    "carriers": """
        from mixlib.carriers.gaussian import Gaussian
        means, covariances = rng.random((3, 2)), np.tile(np.eye(2), (3, 1, 1))
        Gaussian().mean((means, covariances))""",
    "density_barycenter": """
        from mixlib.carriers import density_barycenter
        density_barycenter(np.linspace(0, 1, 50), rng.random((3, 50)))""",
    "karcher_mean": "from mixlib.merging import karcher_mean; karcher_mean(rng.random((3, 50)))",
    "find_seams, shuffle_terms": """
        from mixlib.seams import find_seams, shuffle_terms
        found = find_seams({"kelp": "kelp broth of umami", "fish": "dried fish in broth", "tin": "tin and copper"})
        found.terms("kelp", "fish"), found.to_frame(), shuffle_terms(found)""",
}

HEAVY = ("numba", "torch", "scipy.stats", "scipy.optimize", "scipy.spatial", "pandas")

MEASURED = """
import sys, time
import numpy as np
rng = np.random.default_rng(0)
started = time.process_time()
import mixlib
{code}
print(f"{{time.process_time() - started:.2f}}", *(name for name in {heavy} if name in sys.modules))
"""


def code_of(name):
    """The call as lines without indentation."""
    lines = CALLS[name].splitlines()
    return "\n".join(line.removeprefix(" " * 8) for line in lines)


def seconds(name):
    """Processor seconds of a first call with its imports, and the heavy packages that it imported: a line."""
    with tempfile.TemporaryDirectory() as empty:
        environment = os.environ | {"NUMBA_CACHE_DIR": empty}
        command = [sys.executable, "-c", MEASURED.format(code=code_of(name), heavy=HEAVY)]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    return done.stdout.strip() or done.stderr.strip().splitlines()[-1]


if __name__ == "__main__":
    for name in CALLS:
        if "".join(sys.argv[1:]) in name:
            print(f"{name:35}", seconds(name), flush=True)
