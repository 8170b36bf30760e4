"""What is left when things are cut off: ``python -m benchmarks reliability`` tries it and records it for the book.

Builds, sweeps and merges are killed at random moments and done again; builds meet a full disk and a folder that is
read-only; a release is fetched from a server that goes away; every reader of files gets many damaged ones. That takes
some minutes.
"""

import contextlib
import datetime
import functools
import hashlib
import http.server
import json
import subprocess
import sys
import tempfile
import textwrap
import threading
import time
from pathlib import Path

import numpy as np
import psutil
from tqdm import tqdm

ROOT = Path(__file__).parents[1]
RECORDED = ROOT / "book" / "reliability.json"
KILLS = 20
SIZES = ("150k", "300k", "600k", "1m", "1500k", "2m", "2500k", "3m")  # of a disk that is too small for a build
DAMAGED = 2000  # files for each reader
SWEEP = """
    import sys
    import numpy as np
    from mixlib.information.sweeps import o_information_sweep
    samples = np.random.default_rng(0).normal(size=(300, 10))
    sweep = o_information_sweep(
        samples, orders=(3, 4), estimator="ksg", top=20, rng=1, checkpoint=sys.argv[1] if len(sys.argv) > 1 else None
    )
    print(sweep.omega.tobytes().hex(), sweep.keys.tobytes().hex())
"""
MERGE = """
    import hashlib, sys
    from pathlib import Path
    from mixlib.merging import merge_files
    folder = Path(sys.argv[1])
    merge_files([folder / "a.safetensors", folder / "b.safetensors"], folder / "out.safetensors", overwrite=True)
    print(hashlib.sha256((folder / "out.safetensors").read_bytes()).hexdigest())
"""


def run(path=RECORDED):
    """Try everything, print it, and write the record."""
    sys.path[:0] = [str(ROOT / "book"), str(ROOT / "tests" / "support")]
    from mixbook.build import footprint
    from mixbook.studies import reliability

    trials = {
        "builds killed": killed_builds,
        "sweeps killed": killed_sweeps,
        "merges killed": killed_merges,
        "full disks": full_disks,
        "read-only folders": read_only,
        "networks lost": lost_networks,
    }
    results = {name: trial() for name, trial in tqdm(trials.items(), unit="trial")}
    fuzzed = reliability.fuzz(DAMAGED, rng=int(datetime.date.today().strftime("%Y%m%d")))
    record = {
        "date": datetime.date.today().isoformat(),
        "where": footprint.where(),
        "trials": results,
        "readers": json.loads(fuzzed.to_json(orient="index")),
    }
    path.write_text(json.dumps(record, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    for name, result in results.items():
        print(f"{name}: {result['well']} of {result['tried']}{''.join(f'; {note}' for note in result['notes'])}")
    print(f"damaged files: {fuzzed['crashed'].sum()} crashes of {fuzzed['inputs'].sum():,}")
    print(f"Wrote {path}")


def result(outcomes, note=""):
    """How many went well; what did not is told."""
    notes = sorted({outcome for outcome in outcomes if outcome} | {note} - {""})
    return {"tried": len(outcomes), "well": sum(not outcome for outcome in outcomes), "notes": notes}


def killed_builds(kills=KILLS):
    """A build of a small book, killed with all its processes at a random moment, then done again.

    Well is: the second build ends with the right numbers, a third runs nothing, and no process is left behind.
    """
    outcomes, rng = [], np.random.default_rng(0)
    with small_book() as project:
        started = time.perf_counter()
        assert project.start().wait() == 0
        whole = time.perf_counter() - started
        for number in range(kills):
            share = 0.2 + 0.01 * number  # another number each time, so that an old page is seen
            (project.root / "book" / "part" / "weights.csv").write_text(f"{share:.2f} {1 - share:.2f}\n")
            building = project.start(start_new_session=True)
            time.sleep(rng.uniform(0, whole))
            family = [building_process := psutil.Process(building.pid), *building_process.children(recursive=True)]
            building_process.kill()  # its children are left to notice for themselves
            building.communicate()
            outcomes.append(_recovered(project, f"{share:.3f}", family))
    return result(outcomes)


def _recovered(project, shown, family):
    for _ in range(2):
        again = project.start()
        output = again.communicate()[0]
        if again.returncode:
            return f"the next build failed: {output.strip().splitlines()[-1]}"
    if "Pages run: 0 of" not in output:
        return "a finished page was run again"
    if f'<span class="mx-num">{shown}</span>' not in project.html("part/weights"):
        return "the next build shows an old number"
    _, alive = psutil.wait_procs(family, timeout=10)
    return f"{len(alive)} processes were left behind" if alive else ""


def killed_sweeps(kills=KILLS):
    """A sweep with a checkpoint, killed at a random moment and resumed: the same to the last bit."""
    return _killed(kills, SWEEP, lambda folder: [folder / "sweep.state"], lambda folder: None)


def killed_merges(kills=KILLS):
    """A merge of files, killed at a random moment and done again: the same bytes, and no half of a result before."""

    def prepare(folder):
        from safetensors.numpy import save_file

        for name in "ab":
            rng = np.random.default_rng(ord(name))
            tensors = {f"t{i}": rng.normal(size=(1000, 500)).astype(np.float32) for i in range(20)}
            save_file(tensors, folder / f"{name}.safetensors")

    return _killed(kills, MERGE, lambda folder: [folder], prepare)


def _killed(kills, script, arguments, prepare):
    outcomes, rng = [], np.random.default_rng(0)
    with tempfile.TemporaryDirectory() as scratch:
        scratch = Path(scratch)
        (scratch / "script.py").write_text(textwrap.dedent(script))
        prepare(scratch)

        def start():
            command = [sys.executable, scratch / "script.py", *arguments(scratch)]
            return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd=ROOT)

        first = start()
        started = time.perf_counter()
        expected = first.communicate()[0]
        whole = time.perf_counter() - started
        assert expected
        for _ in range(kills):
            for left in (*scratch.glob("*.state*"), *scratch.glob("*out.safetensors")):
                left.unlink()
            working = start()
            time.sleep(rng.uniform(0, whole))
            working.kill()
            working.communicate()
            outcomes.append("" if start().communicate()[0] == expected else "the result is another one")
    return result(outcomes)


def full_disks(sizes=SIZES):
    """A build on a disk that is too small ends in one line; with room it goes on.

    Only root may make such a disk; where that is not possible nothing is tried, and the record says so.
    """
    outcomes = []
    for size in sizes:
        with small_book() as project, _disk(project.root / "_build", size) as resize:
            if resize is None:
                return result([], "not tried: only root may make a small disk, and only on Linux")
            outcomes.append(
                _ends_in_a_line(project, "the disk is full") or _goes_on(project, lambda: resize("size=200m"))
            )
    return result(outcomes)


def read_only():
    """A build in a folder that is read-only ends in one line before anything runs; with leave to write it goes on."""
    with small_book() as project, _disk(project.root / "_build", "200m") as resize:
        if resize is None:
            return result([], "not tried: only root may make a disk read-only, and only on Linux")
        resize("ro")
        return result([_ends_in_a_line(project, "is read-only") or _goes_on(project, lambda: resize("rw"))])


def _ends_in_a_line(project, words):
    building = project.start()
    output = building.communicate()[0]
    last = output.strip().splitlines()[-1] if output.strip() else ""
    if building.returncode != 1 or words not in last:
        return f"status {building.returncode}, and the last line was: {last}"
    return "a traceback was shown" if "Traceback" in output else ""


def _goes_on(project, mend):
    mend()
    building = project.start()
    output = building.communicate()[0]
    return "" if building.returncode == 0 else f"the next build failed: {output.strip().splitlines()[-1]}"


def lost_networks(cuts=10):
    """A release is fetched from a server that stops in the middle: one line, and nothing is changed."""
    from mixbook.build import take

    outcomes, rng = [], np.random.default_rng(0)
    content = rng.bytes(3_000_000)
    expected = hashlib.sha256(content).hexdigest()
    for _ in range(cuts):
        serve = functools.partial(_Stopping, content, int(rng.integers(len(content))))
        with http.server.HTTPServer(("127.0.0.1", 0), serve) as server:
            threading.Thread(target=server.serve_forever, daemon=True).start()
            said = take.main([f"http://127.0.0.1:{server.server_port}/a", expected])
            server.shutdown()
        whole = isinstance(said, str) and said.endswith("nothing was taken") and "\n" not in said
        outcomes.append("" if whole else f"it was said: {said}")
    return result(outcomes)


class _Stopping(http.server.BaseHTTPRequestHandler):
    def __init__(self, content, sent, *arguments):
        self.content, self.sent = content, sent
        super().__init__(*arguments)

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", str(len(self.content)))
        self.end_headers()
        self.wfile.write(self.content[: self.sent])

    def log_message(self, form, *arguments):
        pass


@contextlib.contextmanager
def small_book():
    """The small book of the tests, in a folder of its own."""
    import small_book as books

    with tempfile.TemporaryDirectory() as folder:
        yield books.small_book(Path(folder))


@contextlib.contextmanager
def _disk(folder, size):
    """A disk in memory of that size at ``folder``; gives a function that mounts it anew with options, or None."""
    folder.mkdir(parents=True)
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder], capture_output=True)
    if mounted.returncode:
        yield None
        return
    try:
        yield lambda options: subprocess.run(["mount", "-o", f"remount,{options}", folder], check=True)
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)
