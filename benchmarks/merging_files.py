"""Merging checkpoints on disk against copying them: processor and wall seconds, and peak memory of a fresh process."""

import json
import math
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pandas as pd

MODELS, SIZE = 4, 1_000_000_000  # checkpoints, bytes of each
CASES = [("linear", "float32"), ("karcher", "float32"), ("linear", "bfloat16"), ("karcher", "bfloat16")]
NAMES = {"float32": ("F32", 4), "bfloat16": ("BF16", 2)}
TIMED = """
import json, resource, sys, time
from pathlib import Path
import torch
torch.set_num_threads(1)
{imports}
before, began = time.process_time(), time.perf_counter()
{work}
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
print(json.dumps([time.process_time() - before, time.perf_counter() - began, peak]))
"""
COPY = """
import shutil
for i in range({models}):
    shutil.copyfile(f"{{i}}.safetensors", f"copy-{{i}}.safetensors")
"""
MERGE = """merge_files([f"{{i}}.safetensors" for i in range({models})], "merged.safetensors", method="{method}")"""


def speed(models=MODELS, size=SIZE, rounds=2, folder=None):
    """Seconds of merging and of copying the same checkpoints, the quickest of some rounds: a row a case.

    Memory is what the process needs beyond one that only imports, over its bound: the largest tensor, in float32, times
    the number of models.
    """
    rows = {}
    for dtype in dict.fromkeys(dtype for _, dtype in CASES):
        with tempfile.TemporaryDirectory(dir=folder) as here:
            shapes = layout(size, NAMES[dtype][1])
            for i in range(models):
                write(Path(here) / f"{i}.safetensors", shapes, dtype, seed=i)
            bound = models * max(math.prod(shape) for shape in shapes.values()) * 4
            idle = _run(here, "from mixlib.merging import METHODS, merge_files; METHODS['karcher']", "")[2]
            for method in [method for method, of in CASES if of == dtype]:
                merging, copying = [], []
                for _ in range(rounds):
                    imports = f"from mixlib.merging import METHODS, merge_files; METHODS[{method!r}]"
                    merging.append(_run(here, imports, MERGE.format(models=models, method=method)))
                    (Path(here) / "merged.safetensors").unlink()
                    copying.append(_run(here, "", COPY.format(models=models)))
                    for i in range(models):
                        (Path(here) / f"copy-{i}.safetensors").unlink()
                merge, copy = ([min(column) for column in zip(*runs, strict=True)] for runs in (merging, copying))
                rows[f"{method}, {models} x {size / 1e9:g} GB {dtype}"] = {
                    "merging (CPU s)": merge[0],
                    "copying (CPU s)": copy[0],
                    "speed of copying, CPU": copy[0] / merge[0],
                    "merging (s)": merge[1],
                    "copying (s)": copy[1],
                    "speed of copying, wall": copy[1] / merge[1],
                    "memory over bound": (merge[2] - idle) / bound,
                }
    return pd.DataFrame.from_dict(rows, orient="index")


def layout(size, width, layers=16):
    """Names and shapes like those of a Llama, of about ``size`` bytes together, ``width`` bytes an element."""
    hidden = 32
    while sum(math.prod(shape) for shape in _shapes(hidden + 32, layers).values()) * width <= size:
        hidden += 32
    return _shapes(hidden, layers)


def _shapes(hidden, layers, vocabulary=32_000):
    inner = hidden * 43 // 16 // 128 * 128 or 128  # 11,008 for 4,096
    shapes = {"model.embed_tokens.weight": (vocabulary, hidden)}
    for i in range(layers):
        place = f"model.layers.{i}"
        shapes |= {f"{place}.self_attn.{part}_proj.weight": (hidden, hidden) for part in "qkvo"}
        shapes |= {f"{place}.mlp.{part}_proj.weight": (inner, hidden) for part in ("gate", "up")}
        shapes |= {f"{place}.mlp.down_proj.weight": (hidden, inner)}
        shapes |= {f"{place}.{part}_layernorm.weight": (hidden,) for part in ("input", "post_attention")}
    return shapes | {"model.norm.weight": (hidden,), "lm_head.weight": (vocabulary, hidden)}


def write(file, shapes, dtype, seed=0):
    """A checkpoint of these shapes, of numbers that are drawn once and repeated."""
    import torch

    from mixlib.merging.files.writing import Writer

    drawn = torch.randn(1 << 22, generator=torch.Generator().manual_seed(seed)) * 0.02
    drawn = drawn.to(getattr(torch, dtype))
    with Writer(file, {name: (NAMES[dtype][0], shape) for name, shape in shapes.items()}, {"format": "pt"}) as writer:
        for shape in shapes.values():
            left = math.prod(shape)
            while left:
                piece = drawn[: min(left, len(drawn))]
                writer.add(piece)
                left -= len(piece)


def _run(folder, imports, work):
    root = str(Path(__file__).parents[1])
    here = os.environ | {"PYTHONPATH": os.pathsep.join([root, os.environ.get("PYTHONPATH", "")])}
    code = TIMED.format(imports=imports, work=work)
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=folder, env=here, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(done.stderr)
    return json.loads(done.stdout)


if __name__ == "__main__":
    import argparse

    parser = argparse.ArgumentParser("python -m benchmarks.merging_files", description=__doc__)
    parser.add_argument("--models", type=int, default=MODELS, help="how many (default: %(default)s)")
    parser.add_argument("--size", type=float, default=SIZE / 1e9, metavar="GB", help="of each (default: %(default)g)")
    parser.add_argument("--rounds", type=int, default=2, help="default: %(default)s")
    parser.add_argument("--folder", help="on the disk to be measured (default: that of temporary files)")
    given = parser.parse_args()
    print(
        speed(given.models, int(given.size * 1e9), given.rounds, given.folder).T.to_string(
            float_format="{:,.2f}".format
        )
    )
