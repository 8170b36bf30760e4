"""What runs on a GPU, measured there and added to the record that the book shows: ``python -m benchmarks gpu``.

Fused mixtures against torch's own forms, torch.compile and Liger; a sweep of all subsets of 30 variables; the training
of a score network; the mixture across GPUs. What is missing here, or fails, is a note in the record, never a number.
"""

import datetime
import importlib.metadata
import json
import math
import platform
import subprocess
from pathlib import Path
from time import perf_counter

import numpy as np

from mixlib.extras import needed_by

RECORDED = Path(__file__).parents[1] / "book" / "federation" / "gpu.json"
COMMAND = "python -m benchmarks gpu"
CASES = [(1024, 3, 2**17), (1024, 3, 2**14), (4096, 8, 2**15)]  # positions, specialists, outcomes
PATHS = ("log-probs to mixture", "logits to mixture", "logits to target")
LIGER = "0.8.5"  # the version that its call is written for
VARIABLES, STEPS = 30, 1000  # of the sweep, of the training
CHECKED = 4  # positions
ROUNDS = 20


def run(path=RECORDED):
    """Measure, print and add to the record at ``path``; without a GPU say so and leave the file as it is."""
    with needed_by("benchmarks gpu"):
        import torch

    if not torch.cuda.is_available():
        print(f"No GPU: torch {torch.__version__} finds none, so nothing was measured and {path.name} is as it was.")
        print(f"On a machine with an NVIDIA GPU, `{COMMAND}` measures there and adds to {path.name}.")
        return
    record = machine() | dict(zip(("measurements", "notes"), measure(), strict=True))
    records = json.loads(path.read_text(encoding="utf-8")) if path.exists() else []
    path.write_text(json.dumps([*records, record], indent=1) + "\n", encoding="utf-8")
    for line in record["measurements"]:
        print("{what}, {setting}, {by}: {milliseconds:,.3f} ms".format(**line))
    print(*record["notes"], sep="\n")
    print(f"Added to {path}: {len(records) + 1} records")


def machine():
    """Device, driver, versions, date and command: what makes a number repeatable."""
    import torch

    query = ["nvidia-smi", "--query-gpu=driver_version", "--format=csv,noheader"]
    try:
        driver = subprocess.run(query, capture_output=True, text=True, check=True).stdout.split()[0]
    except (OSError, subprocess.CalledProcessError, IndexError):
        driver = "unknown"
    return {
        "date": datetime.date.today().isoformat(),
        "command": COMMAND,
        "device": torch.cuda.get_device_name(),
        "devices": torch.cuda.device_count(),
        "driver": driver,
        "cuda": torch.version.cuda,
        "python": platform.python_version(),
        "versions": {name: _version(name) for name in ("mixlib", "torch", "triton", "liger-kernel")},
    }


def measure(device="cuda", cases=CASES, variables=VARIABLES, steps=STEPS, backend="nccl"):
    """Measurements (a list of dicts) and notes (a list of texts) of all parts."""
    found, notes = [], []
    if not _version("liger-kernel"):
        notes.append(f"Liger is not installed here, so it was not measured: pip install liger-kernel=={LIGER}")
    parts = [("copy", lambda: copy(device))]
    parts += [(f"mixtures {case}", lambda case=case: mixtures(case, device)) for case in cases]
    parts += [("sweep", lambda: sweep(variables, device)), ("score", lambda: score(steps, device))]
    parts += [("ranks", lambda: across(cases[0], backend))]
    for name, part in parts:
        try:
            more, said = part()
        except Exception as error:  # one part must not cost the others, which took minutes
            more, said = [], [f"{name} failed, {type(error).__name__}: {str(error).partition(chr(10))[0]}"]
        found += more
        notes += said
    return found, notes


def copy(device, size=2**28):
    """The bandwidth of copying within the device's memory, the roof of all else."""
    import torch

    source = torch.zeros(size, dtype=torch.float32, device=device)
    room = torch.empty_like(source)
    return [_row("copy", "torch", f"{4 * size / 2**30:g} GiB", _best(lambda: room.copy_(source), device), 8 * size)], []


def mixtures(case, device):
    """Wall time of the public calls, checks included, and of others' ways to the same, on bfloat16 logits."""
    given, found, notes = inputs(*case, device), [], []
    setting = "T={}, N={}, V={:,}".format(*case)
    for path in PATHS:
        exact = _exact(path, given)
        read = given["logits"].numel() * given["logits"].element_size()
        for name, call in solvers(path).items():
            try:
                taken = _best(lambda call=call: call(given), device)
                error = float((call(given)[:CHECKED].double() - exact).abs().max())
            except Exception as problem:  # a compiler or a peer that does not run here
                notes.append(f"{path}, {setting}, {name}: failed, {type(problem).__name__}")
                continue
            written = 0 if path == PATHS[2] else read // case[1]
            found.append(_row(path, name, setting, taken, read + written, largest_error=error))
    return found, notes


def inputs(positions, specialists, outcomes, device):
    """Logits (N, T, V) in bfloat16, their log-probabilities, and targets (T,)."""
    import torch

    rng = torch.Generator(device).manual_seed(0)
    logits = torch.empty((specialists, positions, outcomes), dtype=torch.bfloat16, device=device)
    logits.normal_(0, 3, generator=rng)
    targets = torch.randint(outcomes, (positions,), generator=rng, device=device)
    return {"logits": logits, "log_probs": logits.log_softmax(-1), "targets": targets}


def solvers(path):
    """Name to a function of the inputs: ours, the form that people write, the same compiled, and Liger's."""
    import torch

    from mixlib.federation import mixture_combine, mixture_from_logits, mixture_target_log_prob

    def mixture(log_probs):
        return torch.logsumexp(log_probs.float(), 0) - math.log(len(log_probs))

    def full(logits):
        return mixture(logits.float().log_softmax(-1))

    def target(logits, targets):
        each = logits.float().log_softmax(-1)
        return mixture(each.gather(-1, targets.expand(len(logits), -1)[..., None])[..., 0])

    def liger(logits, targets):
        from liger_kernel.transformers.functional import liger_cross_entropy

        return mixture(torch.stack([-liger_cross_entropy(x, targets, reduction="none") for x in logits]))

    ours, plain, names = {
        PATHS[0]: (mixture_combine, mixture, ["log_probs"]),
        PATHS[1]: (mixture_from_logits, full, ["logits"]),
        PATHS[2]: (mixture_target_log_prob, target, ["logits", "targets"]),
    }[path]
    calls = {"mixlib": ours, "torch": plain, "torch.compile": torch.compile(plain, dynamic=False)}
    if path == PATHS[2] and _version("liger-kernel"):
        calls["Liger"] = liger
    return {name: lambda given, call=call: call(*(given[k] for k in names)) for name, call in calls.items()}


def sweep(variables, device):
    """Wall time from samples to the hundred best of all subsets."""
    from benchmarks.sweep import samples
    from mixlib import o_information_sweep

    table = samples(variables)
    o_information_sweep(table[:, :8], top=100, device=device)
    taken = _once(lambda: o_information_sweep(table, top=100, device=device, progress=False), device)
    return [_row("sweep of all subsets", "mixlib", f"{variables} variables", taken)], []


def score(steps, device):
    """Wall time of an O-information from learned scores, on the device and on one thread of the processor."""
    from mixlib import o_information

    rng = np.random.default_rng(0)
    table = rng.standard_t(5, size=(10_000, 6)) @ rng.normal(size=(6, 6))

    def task(where):
        return o_information(table, "score", steps=steps, predictions=2**16, device=where, progress=False)

    setting = f"{steps} steps, 10,000 x 6 samples"
    times = {where: _once(lambda where=where: task(where), device) for where in (device, "cpu")}
    return [_row("score network", f"mixlib on {where}", setting, taken) for where, taken in times.items()], []


def across(case, backend, ranks=None):
    """Wall time of the mixture of specialists on GPUs of their own; a note where there are fewer than two."""
    import torch

    from mixlib.federation.distributed import launch

    ranks = torch.cuda.device_count() if ranks is None else ranks
    if ranks < 2:
        return [], [f"One GPU: the mixture across GPUs, by {backend}, needs two and was not measured"]
    answers = launch(_rank, ranks, case[0], case[2], backend, timeout=300.0)
    if lost := [answer for answer in answers if isinstance(answer, Exception)]:
        raise lost[0]
    setting = f"T={case[0]}, N={ranks}, V={case[2]:,}, {backend}"
    return [_row("mixture across ranks", "mixlib", setting, max(answers))], []


def _rank(rank, positions, outcomes, backend):
    import torch
    import torch.distributed as dist

    from mixlib.federation import DistributedMixture

    device = f"cuda:{rank}" if backend == "nccl" else "cpu"
    if backend == "nccl":
        torch.cuda.set_device(rank)
    log_probs = torch.zeros((positions, outcomes), device=device).log_softmax(-1)
    pooled = DistributedMixture(group=dist.new_group(backend=backend))
    return _best(lambda: pooled.combine(log_probs), device)


def _exact(path, given):
    """The formula in float64 at some positions."""
    x = given["log_probs" if path == PATHS[0] else "logits"][:, :CHECKED].double()
    x = x if path == PATHS[0] else x.log_softmax(-1)
    exact = x.logsumexp(0) - math.log(len(x))
    return exact.gather(-1, given["targets"][:CHECKED, None])[:, 0] if path == PATHS[2] else exact


def _row(what, by, setting, seconds, moved=None, **more):
    row = {"what": what, "by": by, "setting": setting, "milliseconds": 1e3 * seconds}
    return row | ({"bytes": moved} if moved else {}) | more


def _best(call, device):
    """The least wall time of some calls, after two that compile and do not count."""
    taken = [_once(call, device) for _ in range(ROUNDS + 2)]
    return min(taken[2:])


def _once(call, device):
    wait = _waiting(device)
    wait()
    start = perf_counter()
    call()
    wait()
    return perf_counter() - start


def _waiting(device):
    """What returns once the device has done all that it was told."""
    import torch

    return torch.cuda.synchronize if str(device).startswith("cuda") else lambda: None


def _version(name):
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None
