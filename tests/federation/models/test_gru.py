"""The recurrent model: a distribution that learns, sees no target, forgets at a document's start, repeats itself."""

import numpy as np
import pytest
import torch

from mixlib.federation import GRULanguageModel
from mixlib.federation.models.gru import IGNORED, Windows, one_thread


@pytest.fixture(scope="module")
def text():
    """A text with a rule that needs two tokens of memory: after ``a b`` comes ``(a + b) % 7``, with a little noise."""
    rng = np.random.default_rng(0)
    tokens = [1, 2]
    for _ in range(3000):
        tokens.append((tokens[-1] + tokens[-2]) % 7 if rng.random() < 0.95 else rng.integers(7))
    return np.array(tokens)


@pytest.fixture(scope="module")
def model(text):
    return GRULanguageModel(7, 32, rng=1).fit(text[:2500], steps=250, learning_rate=2e-2, rng=1)


def test_rows_are_distributions_and_targets_are_their_entries(model, text):
    tokens, starts = text[:700], [0, 1, 300]
    rows = model.log_probs(tokens, starts)
    assert rows.shape == (700, 7)
    assert rows.dtype == np.float32
    np.testing.assert_allclose(np.exp(rows.astype(float)).sum(1), 1, atol=1e-5)
    np.testing.assert_array_equal(model.target_log_probs(tokens, starts), rows[np.arange(700), tokens])


def test_it_learns_what_needs_memory(model, text):
    held_out = text[2500:]
    entropy_of_the_rule = -(0.95 + 0.05 / 7) * np.log(0.95 + 0.05 / 7) - 6 * 0.05 / 7 * np.log(0.05 / 7)
    loss = -model.target_log_probs(held_out).mean()
    assert loss < entropy_of_the_rule + 0.15
    assert -GRULanguageModel(7, 32, rng=1).target_log_probs(held_out).mean() == pytest.approx(np.log(7), abs=0.1)


def test_matches_the_recurrence_written_out(model, text):
    """The gates by hand, in float64, token by token."""
    w = {name: values.astype(np.float64) for name, values in model.arrays().items()}

    def sigmoid(x):
        return 1 / (1 + np.exp(-x))

    state, x = np.zeros(32), w["embedding.weight"][7]
    rows = model.log_probs(text[:20])
    for t in range(20):
        a = w["gru.weight_ih_l0"] @ x + w["gru.bias_ih_l0"]
        b = w["gru.weight_hh_l0"] @ state + w["gru.bias_hh_l0"]
        (ar, az, an), (br, bz, bn) = np.split(a, 3), np.split(b, 3)
        r, z = sigmoid(ar + br), sigmoid(az + bz)
        state = (1 - z) * np.tanh(an + r * bn) + z * state
        logits = w["embedding.weight"][:7] @ state + w["bias"]
        np.testing.assert_allclose(rows[t], logits - np.logaddexp.reduce(logits), atol=1e-4)
        x = w["embedding.weight"][text[t]]


def test_no_history_crosses_a_document_start(model):
    first, second = np.array([3, 1, 4, 1]), np.array([0, 2, 1, 0])
    together = model.target_log_probs(np.concatenate([first, second]), [0, 4])
    apart = np.concatenate([model.target_log_probs(first), model.target_log_probs(second)])
    np.testing.assert_allclose(together, apart, atol=1e-6)
    assert not np.allclose(model.target_log_probs(np.concatenate([first, second])), apart, atol=1e-3)


def test_documents_of_all_lengths_side_by_side_are_read_as_if_alone(model, text):
    lengths = [5, 40, 1, 39, 40, 2, 100, 3, *[2] * 40, 90]
    ends = np.cumsum(lengths)
    together = np.concatenate(list(model.log_prob_blocks(text[: ends[-1]], [0, *ends[:-1]], rows=40)))
    alone = [model.log_probs(text[end - length : end]) for length, end in zip(lengths, ends, strict=True)]
    np.testing.assert_allclose(together, np.concatenate(alone), atol=1e-5)


def test_a_prediction_does_not_see_what_it_predicts(model):
    a, b = np.array([1, 2, 3, 4]), np.array([1, 2, 3, 6])
    np.testing.assert_array_equal(model.log_probs(a), model.log_probs(b))


def test_windows_end_with_their_document():
    windows = Windows(np.array([5, 6, 7, 8, 9]), np.array([0, 3]), 10, 4, "cpu")
    inputs, targets = windows.at(torch.tensor([0, 1, 3, 4]))
    assert targets.tolist() == [
        [5, 6, 7, IGNORED],
        [6, 7, IGNORED, IGNORED],
        [8, 9, *[IGNORED] * 2],
        [9, *[IGNORED] * 3],
    ]
    assert inputs[0, :3].tolist() == [10, 5, 6]
    assert inputs[2, :2].tolist() == [10, 8]


def test_the_same_seeds_give_the_same_model_whatever_the_threads(text):
    def train(rng, threads):
        before = torch.get_num_threads()
        torch.set_num_threads(threads)
        try:
            return GRULanguageModel(7, 8, rng=rng).fit(text, steps=5, rng=rng).arrays()
        finally:
            torch.set_num_threads(before)

    a, b, c = train(3, 1), train(3, 2), train(4, 1)
    for name in a:
        np.testing.assert_array_equal(a[name], b[name])
    assert not np.array_equal(a["embedding.weight"], c["embedding.weight"])
    before = torch.get_num_threads()
    with pytest.raises(RuntimeError, match="stop"), one_thread():
        raise RuntimeError("stop")
    assert torch.get_num_threads() == before


def test_half_read_blocks_leave_torch_as_it_was(model, text):
    threads = torch.get_num_threads()
    torch.set_num_threads(2)
    blocks = model.log_prob_blocks(text, rows=10)
    next(blocks)
    assert torch.get_num_threads() == 2
    assert not torch.is_inference_mode_enabled()
    torch.set_num_threads(threads)


def test_training_goes_on_from_a_given_state_and_leaves_it_alone(model, text):
    state = {name: values.clone() for name, values in model.state_dict().items()}
    other = np.random.default_rng(1).integers(0, 3, 600)
    tuned = model.with_state(state).fit(other, steps=30)
    assert tuned.target_log_probs(other).mean() > model.target_log_probs(other).mean() + 0.1
    for name, values in model.state_dict().items():
        assert torch.equal(values, state[name])
    assert torch.equal(model.with_state(state).fit(other, steps=0).bias, model.bias)


@pytest.mark.parametrize(
    ("settings", "message"),
    [({"steps": -1}, "steps of at least 0"), ({"batch": 0}, "others positive"), ({"learning_rate": 0}, "positive")],
)
def test_bad_settings_are_named(text, settings, message):
    with pytest.raises(ValueError, match=message):
        GRULanguageModel(7, 4).fit(text, **settings)
    with pytest.raises(ValueError, match="at least 1"):
        GRULanguageModel(7, 0)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU here")
def test_the_same_predictions_on_a_gpu(model, text):
    there = model.with_state(model.state_dict()).to("cuda")
    np.testing.assert_allclose(there.log_probs(text[:300]), model.log_probs(text[:300]), atol=1e-4)
    assert there.fit(text, steps=2).device.type == "cuda"
