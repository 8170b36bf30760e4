"""Merging checkpoints on disk: what is written is what merging in memory gives, whole or not at all."""

import json
import os
import signal
import subprocess
import sys
import textwrap
import warnings
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors import safe_open
from safetensors.torch import load_file, save_file, save_model

from mixlib.merging import METHODS, merge, merge_files
from mixlib.merging.files import streamed, writing

DTYPES = (torch.float32, torch.bfloat16, torch.float16, torch.float64)

not_on_windows = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such limits and signals")


def state(seed, dtype=torch.float32):
    rng = np.random.default_rng(seed)
    made = {name: torch.tensor(rng.normal(size=shape)).to(dtype) for name, shape in SHAPES.items()}
    return made | {"steps": torch.tensor(seed), "mask": torch.tensor([seed > 1, True])}


# a note on steps and mask, where they come with a merge
pytestmark = pytest.mark.filterwarnings("ignore:whole numbers are not averaged")
SHAPES = {"weight": (6, 5), "bias": (6,), "scale": (), "cube": (2, 3, 4)}


@pytest.fixture
def files(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name, seed in (("base", 0), ("a", 1), ("b", 2)):
        save_file(state(seed), f"{name}.safetensors", metadata={"format": "pt"})
    return ["a.safetensors", "b.safetensors"]


@pytest.mark.parametrize("method", list(METHODS))
def test_it_is_what_merging_in_memory_gives(method, files):
    if METHODS[method].whole:
        pytest.skip("its models need a layout of their own")
    base = "base.safetensors" if METHODS[method].needs_base else None
    done = merge_files(files, "out.safetensors", method=method, weights=[0.3, 0.7], base=base)
    states = [load_file(path) for path in files]
    expected = merge(states, method, weights=[0.3, 0.7], base=load_file(base) if base else None)
    found = load_file("out.safetensors")
    assert found.keys() == expected.keys()
    for name in found:
        torch.testing.assert_close(found[name], expected[name], rtol=0, atol=0)
    assert (done.tensors, done.method, done.bytes) == (6, method, os.path.getsize("out.safetensors"))
    assert done.parameters == sum(tensor.numel() for tensor in found.values())


def test_whole_models_are_given_to_methods_that_need_them(files, monkeypatch):
    class Minus(METHODS["linear"]):
        whole = True

        def states(self, states, weights, base=None):
            return {name: -states[0][name] for name in states[0]}

    merge_files(files, "out.safetensors", method=Minus())
    torch.testing.assert_close(load_file("out.safetensors")["weight"], -load_file(files[0])["weight"])


@settings(max_examples=25, deadline=None)
@given(
    shapes=st.lists(st.lists(st.integers(0, 7), max_size=3), min_size=1, max_size=4),
    dtypes=st.lists(st.sampled_from(DTYPES), min_size=4, max_size=4),
    piece=st.integers(1, 30),
    seed=st.integers(0, 99),
)
def test_any_shapes_and_dtypes_in_pieces_of_any_size(tmp_path_factory, shapes, dtypes, piece, seed):
    folder = tmp_path_factory.mktemp("any")
    torch.manual_seed(seed)
    made = [
        {f"t{i}": torch.randn(shape).to(dtype) for i, (shape, dtype) in enumerate(zip(shapes, dtypes, strict=False))}
        for _ in range(3)
    ]
    for i, tensors in enumerate(made):
        save_file(tensors, folder / f"{i}.safetensors")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(streamed, "PIECE", piece)
        merge_files(
            [folder / f"{i}.safetensors" for i in range(3)], folder / "out.safetensors", weights=[0.5, 0.2, 0.3]
        )
    found, expected = load_file(folder / "out.safetensors"), merge(made, weights=[0.5, 0.2, 0.3])
    assert {name: tensor.dtype for name, tensor in found.items()} == {n: tensor.dtype for n, tensor in expected.items()}
    for name in expected:
        torch.testing.assert_close(found[name], expected[name])


@pytest.mark.parametrize("method", list(METHODS))
def test_large_tensors_in_pieces_are_what_merging_in_memory_gives(method, files, monkeypatch):
    if METHODS[method].whole:
        pytest.skip("its models need a layout of their own")
    monkeypatch.setattr(streamed, "PIECE", 7)
    base = "base.safetensors" if METHODS[method].needs_base else None
    merge_files(files, "out.safetensors", method=method, weights=[0.3, 0.7], base=base)
    states = [load_file(path) for path in files]
    expected = merge(states, method, weights=[0.3, 0.7], base=load_file(base) if base else None)
    for name, tensor in load_file("out.safetensors").items():
        torch.testing.assert_close(tensor, expected[name])


@pytest.mark.parametrize("dtype", ["float32", "float16", "bfloat16", "float64"])
def test_another_precision_may_be_asked_for_and_inputs_may_differ_then(files, dtype):
    save_file(state(2, torch.bfloat16), "b.safetensors")
    with pytest.raises(ValueError, match=r"'weight' is F32 \[6, 5\] in a.* and BF16 .*in b.*dtype='float32'"):
        merge_files(files, "out.safetensors")
    merge_files(files, "out.safetensors", dtype=dtype)
    found = load_file("out.safetensors")
    expected = (load_file(files[0])["weight"] + load_file(files[1])["weight"].float()) / 2
    torch.testing.assert_close(found["weight"], expected.to(getattr(torch, dtype)), rtol=0, atol=0)
    assert found["steps"].dtype == torch.int64


def test_counters_are_those_of_the_base_or_of_the_model_that_weighs_most(files):
    merge_files(files, "out.safetensors", weights=[0.3, 0.7])
    assert load_file("out.safetensors")["steps"] == 2
    merge_files(files, "out2.safetensors", weights=[0.3, 0.7], base="base.safetensors")
    assert load_file("out2.safetensors")["steps"] == 0


def test_counters_that_differ_are_noted_with_whose_the_result_has(files):
    with pytest.warns(UserWarning, match=r"averaged, .* differ in 'steps', 'mask'; .* what b\.saf"):
        done = merge_files(files, "out.safetensors", weights=[0.3, 0.7])
    assert done.to_dict()["notes"] == done.notes
    assert len(done.notes) == 1
    with pytest.warns(UserWarning, match=r"differ in 'steps'; .* what base\.safetensors"):
        merge_files(files[:1], "out2.safetensors", base="base.safetensors")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert merge_files([files[0], files[0]], "same.safetensors").notes == []


def test_a_number_beyond_float16_is_said(files):
    save_file({"w": torch.tensor([1e6])}, "a.safetensors")
    with pytest.raises(ValueError, match=r"dtype: 'w' has numbers beyond the range of float16"):
        merge_files(["a.safetensors"], "out.safetensors", dtype="float16")
    assert "out.safetensors" not in os.listdir()


@pytest.mark.parametrize("piece", [7, 1 << 16])
@pytest.mark.parametrize("method", list(METHODS))
def test_a_number_that_is_none_is_refused_with_its_file_and_tensor(files, method, piece, monkeypatch):
    if METHODS[method].whole:
        pytest.skip("its models need a layout of their own")
    monkeypatch.setattr(streamed, "PIECE", piece)
    broken = state(2)
    broken["weight"][5, 4] = np.nan
    save_file(broken, "b.safetensors")
    base = "base.safetensors" if METHODS[method].needs_base else None
    for weights in ([0.5, 0.5], [1, 0]):
        with pytest.raises(ValueError, match=r"^weight: model 2 \(b\.safetensors\) holds NaN or infinity; every"):
            merge_files(files, "out.safetensors", method=method, weights=weights, base=base)
    assert "out.safetensors" not in os.listdir()


def test_the_header_says_how_it_was_made_and_data_are_aligned(files):
    save_file(
        {"small": torch.ones(3, dtype=torch.uint8), "w": torch.ones(5)}, "c.safetensors", metadata={"origin": "x"}
    )
    merge_files(["c.safetensors"], "out.safetensors")
    with safe_open("out.safetensors", "pt") as opened:
        assert opened.metadata()["format"] == "pt"
        assert opened.metadata()["origin"] == "x"
        assert json.loads(opened.metadata()["merge"])["models"] == [{"model": "c.safetensors", "weight": 1.0}]
    text = Path("out.safetensors").read_bytes()
    length = int.from_bytes(text[:8], "little")
    assert length % 8 == 0
    assert json.loads(text[8 : 8 + length])["w"]["data_offsets"][0] % 4 == 0


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"weight": None}, r"'weight' is missing in b\.safetensors"),
        ({"more": torch.ones(1)}, r"'more' is missing in a\.safetensors"),
        ({"bias": torch.ones(7)}, r"'bias' is F32 \[6\] in a\.safetensors and F32 \[7\] in b\.safetensors"),
        ({"steps": torch.tensor(2, dtype=torch.int32)}, r"'steps' is I64 \[\] in a\.safetensors and I32"),
    ],
)
def test_models_that_differ_are_refused_with_a_list(files, change, said):
    changed = {name: tensor for name, tensor in (state(2) | change).items() if tensor is not None}
    save_file(changed, "b.safetensors")
    with pytest.raises(ValueError, match=rf"paths: {said}.*one architecture"):
        merge_files(files, "out.safetensors")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"paths": []}, "paths: empty"),
        ({"paths": None}, "paths: got None, expected a list of models"),
        ({"paths": ["a.safetensors", ""]}, "paths: model 2: got '', expected a path"),
        ({"paths": ["a.safetensors", 3]}, "paths: model 2: got 3, expected a path"),
        ({"base": ""}, "base: got '', expected a path"),
        ({"out": None}, "out: got None, expected a path"),
        ({"out": ""}, "out: got '', expected a path"),
        ({"overwrite": "maybe"}, "overwrite: got 'maybe', expected true or false"),
        ({"dtype": ["float32"]}, r"dtype: got \['float32'\], expected one of"),
        ({"method": "ties", "base": "base.safetensors", "density": "x"}, "density: got 'x', expected the share"),
        ({"paths": "a.safetensors"}, "paths: got the one path 'a.safetensors', expected a list"),
        ({"weights": [0.5, 0.6]}, "weights: sums to 1.1"),
        ({"weights": [1.0]}, "weights: expected 2"),
        ({"method": "median"}, "method: got 'median', expected one of"),
        ({"density": 0.5}, "density: is no option of the method linear"),
        ({"dtype": "int8"}, "dtype: got 'int8', expected one of"),
        ({"shard_size": "5GB"}, "shard_size: shards need a folder"),
        ({"shard_size": "many", "out": "out"}, "shard_size: got 'many', expected bytes"),
        ({"vocabulary": "guess"}, "vocabulary: got 'guess'"),
        ({"out": "a.safetensors"}, "out: .*is or holds the input a.safetensors"),
        ({"out": "."}, "is or holds the input"),
        ({"out": "there.safetensors"}, "is there already; name another place, or overwrite"),
        ({"out": "no/where.safetensors"}, "out: the folder of where.safetensors does not exist"),
        ({"progress": 3}, "progress: got 3"),
    ],
)
def test_what_makes_no_sense_is_refused_by_name_and_nothing_is_written(files, arguments, said):
    save_file({"w": torch.ones(1)}, "there.safetensors")
    before = sorted(os.listdir())
    with pytest.raises(ValueError, match=said):
        merge_files(**{"paths": files, "out": "out.safetensors"} | arguments)
    assert sorted(os.listdir()) == before


def test_an_input_behind_a_link_is_not_written_over(files):
    os.symlink("a.safetensors", "link.safetensors")
    with pytest.raises(ValueError, match="is or holds the input"):
        merge_files(["link.safetensors", "b.safetensors"], "a.safetensors", overwrite=True)


def test_a_full_disk_is_said_before_the_work_begins(files, monkeypatch):
    monkeypatch.setattr(writing.shutil, "disk_usage", lambda path: type("Usage", (), {"free": 10_000_000}))
    with pytest.raises(
        ValueError,
        match=r"out: needs 2\d\d bytes .* together 50\.0 MB, and its disk has 10\.0 MB free",
    ):
        merge_files(files, "out.safetensors")


@not_on_windows
def test_a_file_that_may_not_grow_is_named(tmp_path):
    save_file({"w": torch.ones(50_000)}, tmp_path / "a.safetensors")
    script = """
        import resource
        from mixlib.merging import merge_files
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
        try:
            merge_files(["a.safetensors"], "out.safetensors")
        except OSError as error:
            print(error.filename, error.strerror)
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(script)], cwd=tmp_path, capture_output=True, text=True)
    assert done.stdout == f"{tmp_path / 'out.safetensors'} File too large\n", done.stderr
    assert os.listdir(tmp_path) == ["a.safetensors"]


def test_shards_have_an_index_and_a_recipe(files):
    done = merge_files(files, "out", shard_size=100)
    index = json.loads(Path("out/model.safetensors.index.json").read_text())
    assert len(done.files) > 2
    assert set(index["weight_map"].values()) == set(done.files)
    found = {name: load_file(f"out/{file}")[name] for name, file in index["weight_map"].items()}
    expected = merge([load_file(path) for path in files])
    assert all(torch.equal(found[name], expected[name]) for name in expected)
    assert index["metadata"]["total_size"] == sum(t.numel() * t.element_size() for t in expected.values())
    merge_files(["out"], "again.safetensors")
    assert load_file("again.safetensors").keys() == expected.keys()


def test_a_tensor_larger_than_a_shard_has_a_file_of_its_own(files):
    done = merge_files(files, "out", shard_size=50)
    found = {file: load_file(f"out/{file}") for file in done.files}
    assert ["weight"] in map(list, found.values())
    assert {name for tensors in found.values() for name in tensors} == load_file(files[0]).keys()


def test_it_is_told_how_far_the_work_is(files):
    told = []
    merge_files(files, "out.safetensors", progress=told.append)
    size = sum(tensor.numel() * tensor.element_size() for tensor in load_file("out.safetensors").values())
    assert told[-1] == f"merging, {size} of {size} bytes"


@pytest.mark.parametrize("out", ["out.safetensors", "out"])
def test_a_merge_that_fails_leaves_nothing_and_what_was_there(files, out, monkeypatch):
    merge_files(files[:1], out)
    kept = sorted(os.listdir())

    def fail(*_, **__):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(METHODS["linear"], "tensor", fail)
        with pytest.raises(KeyboardInterrupt):
            merge_files(files, out, overwrite=True)
    assert sorted(os.listdir()) == kept
    before = load_file(out if os.path.isfile(out) else "out/model.safetensors")
    torch.testing.assert_close(before["weight"], load_file(files[0])["weight"])
    merge_files(files, out, overwrite=True)
    after = load_file(out if os.path.isfile(out) else "out/model.safetensors")
    torch.testing.assert_close(after["weight"], merge([load_file(path) for path in files])["weight"])
    assert sorted(os.listdir()) == kept


SLOW = """
    import signal, sys, time
    from mixlib.merging import METHODS, merge_files
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell makes what it runs in the background deaf to it
    quick = METHODS["linear"].tensor
    def slow(*arguments):
        print("began", flush=True)
        time.sleep(60)
        return quick(*arguments)
    METHODS["linear"].tensor = slow
    merge_files(["a.safetensors", "b.safetensors"], sys.argv[1])
"""


@pytest.mark.parametrize(
    ("out", "how"),
    [("out.safetensors", "SIGINT"), ("out.safetensors", "SIGKILL"), ("out", "SIGKILL")],
)
@not_on_windows
def test_a_merge_that_is_stopped_or_killed_leaves_no_half_of_a_result(files, out, how):
    before = sorted(os.listdir())
    command = [sys.executable, "-c", textwrap.dedent(SLOW), out]
    run = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert run.stdout.readline() == b"began\n"
    with pytest.raises(ValueError, match=r"another merge is writing .*part-out"):
        merge_files(files, out)
    run.send_signal(getattr(signal, how))
    run.communicate()
    left = set(os.listdir()) - set(before)
    assert left == (set() if how == "SIGINT" else {f"part-{out}"})
    merge_files(files, out)
    assert f"part-{out}" not in os.listdir()
    found = load_file(out if os.path.isfile(out) else "out/model.safetensors")
    torch.testing.assert_close(found["weight"], merge([load_file(path) for path in files])["weight"])


@not_on_windows
@pytest.mark.parametrize(("method", "most"), [("linear", 0.5), ("karcher", 1.5)])
def test_memory_is_bounded_by_the_largest_tensor_times_the_models(tmp_path, method, most):
    """Peak memory beyond that of a small merge, as a share of four tensors, where each model has ten."""
    rows, count = 1 << 18, 4  # 8 MB a tensor
    for i in range(count):
        torch.manual_seed(i)
        save_file({f"t{j}": torch.randn(rows, 8) for j in range(10)}, tmp_path / f"{i}.safetensors")
        save_file({"t": torch.randn(8, 8)}, tmp_path / f"small{i}.safetensors")
    script = f"""
        import resource, sys
        from mixlib.merging import merge_files
        import torch
        torch.set_num_threads(1)
        merge_files([f"small{{i}}.safetensors" for i in range({count})], "small.safetensors", method={method!r})
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        merge_files([f"{{i}}.safetensors" for i in range({count})], "out.safetensors", method={method!r})
        print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * (1 if sys.platform == "darwin" else 1024))
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(script)], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) <= most * count * rows * 8 * 4


def test_tied_tensors_that_save_model_left_out_are_found(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    class Tied(torch.nn.Module):
        def __init__(self, seed, tie=True):
            super().__init__()
            torch.manual_seed(seed)
            self.first, self.second = torch.nn.Linear(3, 3, bias=False), torch.nn.Linear(3, 3, bias=False)
            if tie:
                self.second.weight = self.first.weight

    models = Tied(0), Tied(1, tie=False)
    for i, model in enumerate(models):
        save_model(model, f"{i}.safetensors")
    merge_files(["0.safetensors", "1.safetensors"], "out.safetensors")
    found = load_file("out.safetensors")
    for name in ("first.weight", "second.weight"):
        torch.testing.assert_close(found[name], sum(m.state_dict()[name] for m in models) / 2)
