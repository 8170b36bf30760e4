"""The torch engines against the compiled ones, on the processor."""

import numpy as np
import pandas as pd
import pytest

from mixlib.information.sweeps import o_information_sweep

torch = pytest.importorskip("torch")
on_device = pytest.importorskip("mixlib.information.sweeps.on_device")


def samples(n, seed):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(80, n)) @ rng.normal(size=(n, n))


@pytest.fixture(params=["few large blocks", "many small blocks"], autouse=True)
def block_size(request, monkeypatch):
    if request.param == "many small blocks":
        monkeypatch.setattr(on_device, "FORKED", 4)
        monkeypatch.setattr(on_device, "BLOCK", 50)


@pytest.mark.parametrize(("n", "orders"), [(3, None), (9, None), (9, (4, 8)), (12, (3, 4)), (70, 3)])
@pytest.mark.parametrize("estimator", ["gaussian", "gaussian-copula"])
def test_the_same_values_as_compiled(n, orders, estimator):
    arguments = {"samples": samples(n, seed=n), "orders": orders, "estimator": estimator}
    compiled = o_information_sweep(**arguments)
    ours = o_information_sweep(**arguments, device="cpu")
    assert np.array_equal(ours.keys, compiled.keys)
    assert np.array_equal(ours.subsets, compiled.subsets)
    np.testing.assert_allclose(ours.omega, compiled.omega, atol=1e-10, rtol=0)
    np.testing.assert_allclose(ours.tc, compiled.tc, atol=1e-10, rtol=0)


@pytest.mark.parametrize(("orders", "top"), [(None, 5), ((3, 4), 7), (8, 100), ((5, 7), 1)])
def test_the_same_best_and_profile(orders, top):
    arguments = {"samples": samples(9, seed=1), "orders": orders, "top": top}
    compiled = o_information_sweep(**arguments)
    ours = o_information_sweep(**arguments, device=torch.device("cpu"))
    pd.testing.assert_frame_equal(ours.to_frame(), compiled.to_frame(), atol=1e-10, rtol=0)
    pd.testing.assert_frame_equal(ours.by_order(), compiled.by_order(), atol=1e-8)


def test_of_equal_values_those_of_lower_keys():
    class Flat(on_device.SubsetsOnDevice):
        def device_blocks(self, task, with_tc=False):
            start, end = task
            values = torch.tensor([1.0, 0.0, torch.nan], dtype=torch.float64).repeat(end - start)[: end - start]
            yield start, torch.zeros(end - start, dtype=torch.uint8), 3, values, None

    engine = Flat(np.eye(8), 3, 3, device="cpu")
    found = engine.best((0, 56), 4)
    assert found["keys"].tolist() == [[1, 4, 7, 10], [0, 3, 6, 9]]
    assert found["values"].tolist() == [[0.0] * 4, [-1.0] * 4]
    assert found["profile"][0].tolist() == [38.0, 0.0, 19.0, 19.0, 0.0, 1.0]


def test_a_null_runs_there_too():
    arguments = {"samples": samples(7, seed=2), "orders": 3, "null": 2, "rng": 3}
    assert np.array_equal(
        o_information_sweep(**arguments, device="cpu").p_values, o_information_sweep(**arguments).p_values
    )


def test_refusals():
    data = samples(6, seed=4)
    with pytest.raises(ValueError, match="device: got 'cpu', but estimator 'ksg' runs on the processor only"):
        o_information_sweep(data, estimator="ksg", device="cpu")
    with pytest.raises(ValueError, match="device: 'cuda:99' is not to be had here"):
        o_information_sweep(data, device="cuda:99")
    with pytest.raises(ValueError, match="device: 'toaster' is not to be had here"):
        o_information_sweep(data, device="toaster")
    dependent = np.column_stack([data, data[:, 0] + data[:, 1]])
    with pytest.raises(ValueError, match="samples: column 0, column 1, column 6 are linearly dependent"):
        o_information_sweep(dependent, orders=3, device="cpu")
