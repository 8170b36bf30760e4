"""Benchmarks against other solvers: ``python -m benchmarks``."""

import os

for library in ("OMP", "OPENBLAS", "MKL", "NUMBA"):  # rates are a core's; read when the libraries load
    os.environ[f"{library}_NUM_THREADS"] = "1"
