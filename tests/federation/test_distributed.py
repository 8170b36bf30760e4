"""Three real processes against one; ranks that are killed, stopped or slow."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch
from scipy.special import log_softmax

import ranks
import rotation
from mixlib.federation import TraceWriter, attribute, check_trace, mixture_combine
from mixlib.federation.distributed import DistributedMixture, RankFailure, launch
from ranks import NAMES, WEIGHTS, logits

TIMEOUT = 4.0  # a loaded machine must not look like a lost rank


def run(calls, **keywords):
    results = launch(ranks.make, 3, calls, *keywords.values())
    assert [type(r) for r in results] == [list] * 3, results
    return list(zip(*results, strict=True))


def reference(given, targets=None, weights=WEIGHTS):
    mixed = mixture_combine(log_softmax(np.asarray(given, dtype=float), axis=-1), weights)
    return mixed if targets is None else np.take_along_axis(mixed, np.asarray(targets)[..., None], -1)[..., 0]


def test_three_processes_give_what_one_gives():
    given, targets = logits()
    excluded = log_softmax(given, axis=-1)
    excluded[0, :, :10], excluded[1, :, 10:] = -np.inf, -np.inf
    excluded[0, 0, 20:], excluded[1:, 0, 11:] = -1e4, -np.inf
    by_position = np.random.default_rng(1).dirichlet(np.ones(3), 40).T
    alone = np.array([0.0, 1.0, 0.0])
    calls, expected = [], []
    for method in ("combine", "target_log_prob"):
        with_targets = (targets,) if method == "target_log_prob" else ()
        for x, w in ((given, None), (excluded, None), (given, by_position), (given, alone)):
            calls.append((method, [(part, *with_targets, w) for part in x]))
            expected.append(reference(x, *with_targets, weights=WEIGHTS if w is None else w))
        shaped = given.reshape(3, 4, 10, 50)
        calls.append((method, [(part, *(t.reshape(4, 10) for t in with_targets)) for part in shaped]))
        expected.append(reference(given, *with_targets).reshape(*shaped.shape[1 : 4 if with_targets == () else 3]))
        calls.append((method, [(part[:0], *(t[:0] for t in with_targets)) for part in given]))
        expected.append(reference(given, *with_targets)[:0])
    answers = run(calls, chunk=300)  # six rows at a time
    for answer, right in zip(answers, expected, strict=True):
        assert all(isinstance(a, np.ndarray) and a.shape == right.shape for a in answer)
        np.testing.assert_array_equal(answer[0], answer[1])
        np.testing.assert_array_equal(answer[0], answer[2])
        np.testing.assert_allclose(answer[0], right, rtol=1e-12, atol=1e-12)


def test_single_and_half_precision():
    given, targets = logits(v=3000)
    dtypes = (torch.float32, torch.float16, torch.bfloat16)
    inputs = [torch.tensor(given).to(dtype) for dtype in dtypes]
    calls = [("combine", [(part,) for part in x]) for x in inputs]
    calls += [("target_log_prob", [(part, torch.tensor(targets)) for part in x]) for x in inputs]
    rights = [torch.tensor(reference(x.double(), *t)) for t in ((), (targets,)) for x in inputs]
    for (_, arguments), answer, right in zip(calls, run(calls), rights, strict=True):
        dtype = arguments[0][0].dtype
        assert answer[0].dtype == dtype
        if dtype == torch.float32:
            assert ((answer[0].double() - right).abs() / right.abs().clamp(min=1)).max() <= 1e-6
        else:  # computed in float32 and rounded once
            assert (answer[0] != right.to(dtype)).double().mean() < 1e-3
        assert torch.equal(answer[0], answer[2])


def test_the_account_is_that_of_one_process():
    given, targets = logits()
    answers = run([("attribute", [(part, targets, None, begin) for part in given]) for begin in (0, 40)])
    right = attribute(log_softmax(given, axis=-1), targets, WEIGHTS, names=NAMES)
    for begin, answer in zip((0, 40), answers, strict=True):
        for audit in answer:
            assert audit.names == NAMES
            for name in ("targets", "joint", "specialists", "weights", "responsibilities", "entropy"):
                np.testing.assert_allclose(getattr(audit, name), getattr(right, name), rtol=1e-12, atol=1e-12)
            assert np.abs(audit.residual).max() < 1e-13
            assert [r["position"] for r in audit.records()] == list(range(begin, begin + 40))
            assert not any("missing" in r or "warning" in r for r in audit.records())


def test_bad_input_is_named_on_every_rank_and_the_next_call_works():
    given, targets = logits()
    spoilt = given.copy()
    spoilt[1, 7, 3] = np.nan
    short, outside = given[:, :, :49], targets + 50

    def mixed(*choice):
        return [(given[i],) if not isinstance(c, tuple) else c for i, c in enumerate(choice)]

    bad = [
        ("combine", [(part,) for part in spoilt], (r"rank 1 \('python'\) refused", "row 7 holds NaN")),
        ("combine", mixed(0, 0, (short[2],)), (r"V must be the same .* \(50, 50, 49\)",) * 2),
        ("combine", mixed(0, (given[1].astype(np.float32),), 0), (r"bytes a number .* \(8, 4, 8\)",) * 2),
        ("combine", mixed(0, 0, (given[2], [1, 0, 0])), ("weights must be the same",) * 2),
        ("combine", [(part, [0.5, 0.6, 0.2]) for part in given], ("weights: sums to 1.3",) * 2),
        ("combine", [(part, np.full((3, 39), 1 / 3)) for part in given], (r"weights: .* \(3, 40\)",) * 2),
        ("combine", [(part.astype(int),) for part in given], ("logits: expected a floating .*int64",) * 2),
        ("combine", [(part[..., :0],) for part in given], ("at least one outcome",) * 2),
        ("target_log_prob", [(p, np.roll(targets, i)) for i, p in enumerate(given)], ("targets must be",) * 2),
        ("target_log_prob", [(part, outside) for part in given], ("targets: hold .* outside 0 .. 49",) * 2),
        ("target_log_prob", [(part, targets[1:]) for part in given], (r"targets: expected shape \(40,\)",) * 2),
        ("target_log_prob", [(part, targets * 1.0) for part in given], ("targets: expected integers",) * 2),
    ]
    good = ("combine", [(part,) for part in given])
    answers = run([call for method, arguments, _ in bad for call in ((method, arguments), good)])
    for (_, _, messages), errors, after in zip(bad, answers[::2], answers[1::2], strict=True):
        for message, error in zip(messages, errors[:2], strict=True):
            with pytest.raises(ValueError, match=message):
                raise error
        np.testing.assert_allclose(after[0], reference(given), rtol=1e-12)


def test_lost_ranks(tmp_path):
    """Each scenario waits for deadlines rather than works, so they run at once: four of them, all in an audit."""
    late, slow = 2 * TIMEOUT, 0.6 * TIMEOUT
    numbers, commit = 2, 3  # exchanges of a call
    scenarios = [
        (0, "killed", "raise", "attribute", numbers),
        (1, "killed", "raise", "combine", numbers),
        (0, "killed", "renormalise", "attribute", numbers),
        (1, "killed", "renormalise", "attribute", commit),
        (2, "killed", "renormalise", "combine", numbers),
        (1, late, "raise", "attribute", numbers),
        (2, late, "renormalise", "attribute", numbers),
        (2, slow, "raise", "attribute", numbers),
        (0, "killed", "renormalise", "attribute", numbers, True),  # rank 0 hosts the store
        (0, "stopped", "renormalise", "attribute", numbers, True),
    ]
    scenarios = rotation.draw(scenarios, 4)
    with ThreadPoolExecutor(len(scenarios)) as pool:
        outcomes = list(pool.map(lambda s: launch(ranks.lose, 3, *s[:3], TIMEOUT, *s[3:]), scenarios))

    for (victim, how, on_failure, _, exchange, *hosted), outcome in zip(scenarios, outcomes, strict=True):
        case = f"rank {victim}, {how}, {on_failure}, {hosted}"
        for rank in {0, 1, 2} - {victim}:
            assert isinstance(outcome[rank], tuple), (case, outcome[rank])
            results, seconds, said, missing = outcome[rank]
            if how == slow:
                assert (len(results), missing, said) == (6, (), []), case
                assert results[2].names == NAMES
            elif on_failure == "renormalise" and not hosted:
                check_renormalised(results, victim, said, missing, exchange, tmp_path / "trace.jsonl")
            else:
                error = results[-1]
                assert isinstance(error, RankFailure), case
                assert (error.ranks, error.names, error.call) == ((victim,), (NAMES[victim],), 3), case
                assert f"rank {victim} ('{NAMES[victim]}')" in str(error), case
                assert "at call 3" in str(error), case
                assert ("host it outside" if hosted else "Start all ranks") in str(error), case
                assert seconds < 2 * TIMEOUT, case
        if how == "killed":
            assert "exit code -9" in str(outcome[victim]), case
        elif how == late:
            assert "came too late" in str(outcome[victim][0][-1]), case


def check_renormalised(results, victim, said, missing, first, path):
    """Results from number ``first`` on are those of the two that are left."""
    left = [r for r in range(3) if r != victim]
    weights = np.array(WEIGHTS)[left] / sum(WEIGHTS[r] for r in left)
    assert missing == (NAMES[victim],)
    assert len(said) == 1
    assert f"without rank {victim} ('{NAMES[victim]}')" in said[0]
    for i, result in enumerate(results):
        given, targets = logits(seed=i)
        rows = log_softmax(given, axis=-1)
        if isinstance(result, np.ndarray):
            right = mixture_combine(rows, WEIGHTS) if i < first else mixture_combine(rows[left], weights)
            np.testing.assert_allclose(result, right, rtol=1e-12)
            continue
        right = attribute(rows, targets, WEIGHTS) if i < first else attribute(rows[left], targets, weights)
        assert result.names == (NAMES if i < first else tuple(NAMES[r] for r in left))
        np.testing.assert_allclose(result.joint, right.joint, rtol=1e-12)
        np.testing.assert_allclose(result.responsibilities, right.responsibilities, rtol=1e-9, atol=1e-300)
        assert np.abs(result.residual).max() < 1e-13
        records = list(result.records())
        assert [r["position"] for r in records] == list(range(40 * i, 40 * i + 40))
        assert all(r.get("missing") == (None if i < first else [NAMES[victim]]) for r in records)
        assert [j for j, r in enumerate(records) if "warning" in r] == ([0] if i == first else [])
        if i == first:
            assert f"from position {40 * first} on" in records[0]["warning"]
            assert f"without rank {victim} ('{NAMES[victim]}')" in records[0]["warning"]
    if not isinstance(results[0], np.ndarray):
        with TraceWriter(path) as trace:
            for result in results:
                trace.add(result, document=0)
        check = check_trace(path)
        assert check.sound, check.problems
        assert check.specialists[NAMES[victim]]["lines"] == 40 * first
        assert check.lines == 240


def test_arguments_are_checked_before_anything_is_sent():
    with pytest.raises(ValueError, match="group: there is none"):
        DistributedMixture()
    with pytest.raises(ValueError, match="n: expected at least 1"):
        launch(ranks.make, 0)
