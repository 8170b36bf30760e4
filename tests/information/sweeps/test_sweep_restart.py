"""A sweep that is killed goes on; one that is spread over processes gives the same to the last bit."""

import logging
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from functools import partial
from multiprocessing import get_context

import numpy as np
import pytest

from mixlib.information.sweeps import o_information_sweep
from mixlib.information.sweeps.keep import Best
from mixlib.information.sweeps.sampled import Neighbours

SAMPLES = np.random.default_rng(0).normal(size=(100, 9))
ARGUMENTS = {"orders": (3, 4), "estimator": "ksg", "rng": 1}
SLOW_SWEEP = """
import sys, time
import numpy as np
from mixlib.information.sweeps import o_information_sweep
from mixlib.information.sweeps.sampled import Neighbours

measure = Neighbours.measure
def slowly(self, subsets):
    time.sleep(0.3)
    return measure(self, subsets)
Neighbours.measure = slowly
samples = np.load(sys.argv[1])
o_information_sweep(samples, checkpoint=sys.argv[2], top=5, orders=(3, 4), estimator="ksg", rng=1)
"""


def same(first, second):
    assert np.array_equal(first.keys, second.keys)
    for name in ("omega", "tc", "p_values"):
        one, other = getattr(first, name), getattr(second, name)
        assert (one is None and other is None) or one.tobytes() == other.tobytes()
    assert first.by_order().equals(second.by_order())


def test_a_killed_sweep_goes_on(tmp_path, monkeypatch):
    data, state = tmp_path / "data.npy", tmp_path / "sweep.state"
    np.save(data, SAMPLES)
    process = subprocess.Popen([sys.executable, "-c", SLOW_SWEEP, data, state])
    while not state.exists():
        assert process.poll() is None
        time.sleep(0.01)
    process.kill()
    assert process.wait() != 0
    with np.load(state) as saved:
        done = int(saved["done"].sum())
        assert 0 < done < len(saved["done"])
    expected = o_information_sweep(SAMPLES, top=5, **ARGUMENTS)

    tasks = []
    blocks = Neighbours.blocks
    monkeypatch.setattr(Neighbours, "blocks", lambda self, task, **how: tasks.append(task) or blocks(self, task, **how))
    same(o_information_sweep(SAMPLES, top=5, checkpoint=state, **ARGUMENTS), expected)
    with np.load(state) as saved:
        assert len(tasks) == len(saved["done"]) - done
        assert saved["done"].all()
    same(o_information_sweep(SAMPLES, top=5, checkpoint=state, **ARGUMENTS), expected)
    assert len(tasks) == len(np.unique(tasks, axis=0))  # all was done, so nothing was done again


@pytest.mark.parametrize("top", [None, 5])
def test_an_interrupted_sweep_and_null_go_on(tmp_path, monkeypatch, top):
    arguments = ARGUMENTS | {"top": top, "null": 2, "checkpoint": tmp_path / "state"}
    expected = o_information_sweep(SAMPLES, **arguments | {"checkpoint": None})
    blocks, count = Neighbours.blocks, [0]

    def stop_now_and_then(self, task, **how):
        count[0] += 1
        if count[0] in (5, 35):
            raise KeyboardInterrupt
        return blocks(self, task, **how)

    monkeypatch.setattr(Neighbours, "blocks", stop_now_and_then)
    for left in (["state"], ["state", "state.null1", "state.null2"]):
        with pytest.raises(KeyboardInterrupt):
            o_information_sweep(SAMPLES, **arguments)
        assert sorted(path.name for path in tmp_path.iterdir()) == left
    same(o_information_sweep(SAMPLES, **arguments), expected)
    assert count[0] == 3 * 14 + 2  # nothing was done twice


def test_the_state_of_another_sweep_is_refused(tmp_path):
    state = tmp_path / "state"
    o_information_sweep(SAMPLES, orders=3, top=5, checkpoint=state)
    for samples, arguments in (
        (SAMPLES, {"orders": 3, "top": 6}),
        (SAMPLES, {"orders": 4, "top": 5}),
        (SAMPLES, {"orders": 3}),
        (SAMPLES[1:], {"orders": 3, "top": 5}),
        (SAMPLES, {"orders": 3, "top": 5, "estimator": "gaussian-copula"}),
        (SAMPLES, {"orders": 3, "top": 5, "estimator": "ksg"}),
    ):
        with pytest.raises(ValueError, match="is the state of another sweep"):
            o_information_sweep(samples, checkpoint=state, **arguments)
    state.write_text("nothing")
    with pytest.raises(ValueError, match=r"checkpoint: .* is no state of a sweep"):
        o_information_sweep(SAMPLES, orders=3, top=5, checkpoint=state)


def test_progress_is_shown(capsys):
    o_information_sweep(SAMPLES, orders=(3, 4), estimator="ksg", progress=True)
    assert "210/210" in capsys.readouterr().err
    o_information_sweep(SAMPLES, orders=(3, 4), estimator="ksg", progress=False)
    assert not capsys.readouterr().err


@pytest.mark.parametrize("kind", ["threads", pytest.param("processes", marks=pytest.mark.rare)])
def test_a_pool_gives_the_same_to_the_last_bit(kind):
    make = {"threads": ThreadPoolExecutor, "processes": partial(ProcessPoolExecutor, mp_context=get_context("spawn"))}
    with make[kind](2) as pool:
        for top in (None, 7):
            expected = o_information_sweep(SAMPLES, top=top, null=1, **ARGUMENTS)
            same(o_information_sweep(SAMPLES, top=top, null=1, executor=pool, **ARGUMENTS), expected)


@pytest.mark.rare
def test_a_cluster_that_loses_a_worker_gives_the_same_to_the_last_bit(tmp_path, monkeypatch):
    distributed = pytest.importorskip("distributed")
    arguments = {"covariance": np.cov(np.random.default_rng(2).normal(size=(24, 100))), "n_samples": 100, "top": 50}
    expected = o_information_sweep(**arguments)
    add, added = Best.add, []
    with (
        distributed.LocalCluster(
            n_workers=2,
            threads_per_worker=1,
            processes=True,
            dashboard_address=None,
            local_directory=str(tmp_path),
            silence_logs=logging.CRITICAL,
        ) as cluster,
        distributed.Client(cluster) as client,
    ):

        def kill_a_worker(self, state, index, part):
            added.append(index)
            if len(added) == 2:
                os.kill(min(client.run(os.getpid).values()), signal.SIGKILL)
            add(self, state, index, part)

        monkeypatch.setattr(Best, "add", kill_a_worker)
        same(o_information_sweep(**arguments, executor=client), expected)
    assert sorted(added) == list(range(16))
