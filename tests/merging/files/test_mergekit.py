"""mergekit's files: what they mean here, and what is refused by its key.

Thirteen files of these kinds, gradients and filters included, gave the weights of mergekit 0.1.5 to 3e-7 of the
largest, on a Llama of five layers; mergekit is not a dependency, so files are held against formulas here.
"""

import json

import pytest
import torch
import yaml
from safetensors.torch import load_file, save_file

from mixlib.merging import merge
from mixlib.merging.files.described import read_recipe
from mixlib.merging.files.streamed import run

SHAPES = {"embed.weight": (4, 3), **{f"layers.{i}.{part}.weight": (3, 3) for i in range(3) for part in ("attn", "mlp")}}


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for i, name in enumerate(("base", "a", "b")):
        torch.manual_seed(i)
        (tmp_path / name).mkdir()
        save_file({key: torch.randn(shape) for key, shape in SHAPES.items()}, f"{name}/model.safetensors")
    return tmp_path


def states(*names):
    return [load_file(f"{name}/model.safetensors") for name in names]


def made(here, text, out="out"):
    (here / "config.yml").write_text(text)
    run(read_recipe(here / "config.yml"), out)
    return load_file(f"{out}/model.safetensors")


MODELS = "models: [{model: a, parameters: {weight: 1}}, {model: b, parameters: {weight: 3}}]\n"
SLERP = "merge_method: slerp\nbase_model: a\nmodels: [{model: a}, {model: b}]\n"
BASED = "base_model: base\n" + MODELS


@pytest.mark.parametrize(
    ("text", "method", "weights", "options"),
    [
        ("merge_method: linear\n" + MODELS, "linear", [0.25, 0.75], {}),
        ("merge_method: karcher\nmodels: [{model: a}, {model: b}]\nparameters: {tol: 1e-9}", "karcher", [0.5, 0.5], {}),
        ("merge_method: multislerp\n" + MODELS, "multi-slerp", [0.25, 0.75], {}),
        ("merge_method: task_arithmetic\n" + BASED, "task-arithmetic", [0.25, 0.75], {"scale": 4}),
        (
            "merge_method: task_arithmetic\nparameters: {lambda: 0.5, normalize: true}\n" + BASED,
            "task-arithmetic",
            [0.25, 0.75],
            {"scale": 0.5},
        ),
        (
            "merge_method: ties\nparameters: {density: 0.5, lambda: 2, int8_mask: true}\n" + BASED,
            "ties",
            [0.25, 0.75],
            {"density": 0.5, "scale": 2},
        ),
        (
            "merge_method: ties\nparameters: {density: 0.5, normalize: false}\n" + BASED,
            "ties",
            [0.25, 0.75],
            {"density": 0.5, "scale": 4, "normalize": False},
        ),
        (
            "merge_method: dare_ties\nparameters: {density: 0.9}\n" + BASED,
            "dare",
            [0.25, 0.75],
            {"density": 0.9, "scale": 4, "normalize": False, "consensus": "ties"},
        ),
        ("merge_method: dare_linear\n" + BASED, "dare", [0.25, 0.75], {"density": 1.0, "scale": 4}),
        (SLERP + "parameters: {t: 0.3}", "slerp", [0.7, 0.3], {}),
    ],
)
def test_a_file_means_this_method_with_these_weights(here, text, method, weights, options):
    base = states("base")[0] if "base_model: base" in text else None
    expected = merge(states("a", "b"), method, weights=weights, base=base, **options)
    found = made(here, text)
    for name in expected:
        torch.testing.assert_close(found[name], expected[name])


def test_the_base_of_slerp_is_where_t_is_zero_wherever_it_stands(here):
    found = made(here, "merge_method: slerp\nbase_model: b\nmodels: [{model: a}, {model: b}]\nparameters: {t: 0}")
    assert torch.equal(found["embed.weight"], states("b")[0]["embed.weight"])


def test_values_may_follow_the_layers_and_the_names(here):
    slices = """
        slices:
          - sources: [{model: a, layer_range: [0, 3]}, {model: b, layer_range: [0, 3]}]
        merge_method: slerp
        base_model: a
        parameters:
          t:
            - {filter: attn, value: [0, 1, 0.5, 0.5, 0.25]}
            - {filter: mlp, value: [1, 0]}
            - value: 0.4
        dtype: float32
    """
    found = made(here, slices)
    expected = {
        "embed.weight": 0.4,
        "layers.0.attn.weight": 0,
        "layers.1.attn.weight": 0.5,
        "layers.2.attn.weight": 0.25,
    }
    expected |= {"layers.0.mlp.weight": 1, "layers.1.mlp.weight": 0.5, "layers.2.mlp.weight": 0}
    for name, t in expected.items():
        pair = [{name: state[name]} for state in states("a", "b")]
        torch.testing.assert_close(found[name], merge(pair, "slerp", weights=[1 - t, t])[name])
    made(here, (here / "out/merge.yml").read_text().replace("../", ""), "again")
    assert torch.equal(load_file("again/model.safetensors")["layers.1.mlp.weight"], found["layers.1.mlp.weight"])


@pytest.mark.parametrize("settings", [None, {"num_hidden_layers": 3}, {"text_config": {"n_layer": 3}}])
def test_a_range_of_layers_is_that_of_whole_models_or_refused(here, settings):
    for name in ("a", "b"):
        if settings is not None:
            (here / name / "config.json").write_text(json.dumps(settings))
    text = "merge_method: {}\nslices: [{{sources: [{{model: a, layer_range: [0, {}]}}{}]}}]\n"
    weights = "parameters: {weight: 1}"
    second = ", {{model: b, layer_range: [0, {}]}}".format
    expected = merge(states("a", "b"))
    found = made(here, text.format("linear", 3, second(3)) + weights)
    assert all(torch.equal(found[name], expected[name]) for name in expected)
    made(here, text.format("passthrough", 3, ""), "through")
    for layers, document in (
        (2, text.format("passthrough", 2, "")),
        (2, text.format("linear", 2, second(2)) + weights),
        (4, text.format("linear", 4, second(4)) + weights),
    ):
        said = rf"layer_range: \[0, {layers}\] is not the whole of .*a, which has 3 layers; parts of models are not"
        with pytest.raises(ValueError, match=said):
            made(here, document, "refused")
    assert not (here / "refused").exists()


def test_it_is_written_beside_the_result_as_it_came(here):
    text = "merge_method: linear\n" + MODELS
    made(here, text)
    written = yaml.safe_load((here / "out/merge.yml").read_text())
    assert written == yaml.safe_load(text.replace("model: a", "model: ../a").replace("model: b", "model: ../b"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("merge_method: della\n" + BASED, "merge_method: 'della' has no counterpart here; linear"),
        ("merge_method: linear\nchat_template: chatml\n" + MODELS, "chat_template: this key of mergekit is not read"),
        ("merge_method: linear\nmodules: {}\n" + MODELS, "modules: this key"),
        ("merge_method: linear\n", "models: expected this key or slices"),
        ("merge_method: linear\nmodels: 3", "models: expected a list"),
        ("merge_method: linear\nmodels: [{name: a}]", "models: got {'name': 'a'}, expected model and parameters"),
        ("merge_method: linear\nmodels: [{model: a}]", r"weight: of model 1 \(a\) is missing"),
        ("merge_method: linear\nparameters: {t: 1}\n" + MODELS, "t: this parameter of linear has no counterpart"),
        ("merge_method: linear\nparameters: {normalize: false}\n" + MODELS, "normalize: weights that sum to 4 are off"),
        ("merge_method: linear\n" + MODELS.replace("weight: 1", "weight: -1"), "weight: .*negative weights"),
        ("merge_method: linear\n" + MODELS.replace("weight: 1", "weight: much"), "weight: got 'much'"),
        ("merge_method: ties\n" + MODELS, "base_model: is missing; ties needs it"),
        ("merge_method: ties\nparameters: {rescale: true}\n" + BASED, "rescale: this parameter of ties"),
        ("merge_method: dare_ties\nparameters: {rescale: false}\n" + BASED, "rescale: DARE without its rescaling"),
        (
            "merge_method: ties\n" + BASED.replace("weight: 1", "weight: 1, density: 0.3"),
            "density: is one for all models here",
        ),
        (
            "merge_method: karcher\nbase_model: base\nmodels: [{model: a}]",
            "base_model: karcher with a base that is none",
        ),
        ("merge_method: slerp\nbase_model: base\n" + "models: [{model: a}, {model: b}]", "base_model: slerp takes two"),
        ("merge_method: slerp\nbase_model: a\nmodels: [{model: a}, {model: b}]", "t: is missing"),
        ("merge_method: passthrough\nmodels: [{model: a}, {model: b}]", "models: passthrough takes one model"),
        ("merge_method: linear\ntokenizer_source: a\n" + MODELS, "tokenizer_source: 'a' is not read here"),
        ("merge_method: linear\ntokenizer: {source: union, tokens: {}}\n" + MODELS, "tokenizer: only its source"),
        (
            "merge_method: passthrough\nslices: [{sources: [{model: a, layer_range: [0, 2]}]}, "
            "{sources: [{model: b, layer_range: [1, 3]}]}]",
            "slices: models put together",
        ),
        (
            "merge_method: linear\nslices: [{sources: [{model: a, layer_range: [1, 3]}]}]",
            r"layer_range: got \[1, 3\]; parts of models",
        ),
        (
            "merge_method: linear\nslices: [{sources: [{model: a, layer_range: [0, 3]}, {model: b}]}]",
            r"layer_range: got \[0, 3\]; parts of models",
        ),
        ("merge_method: linear\nslices: [{sources: [{model: a, layer_range: 3}]}]", "layer_range: got 3; parts"),
        (
            SLERP + "parameters: {t: [{filter: attn, value: 0.5}]}",
            "t: has no value for tensors that no filter takes; add one without a filter",
        ),
        (
            "merge_method: linear\n" + MODELS.replace("weight: 3", "weight: [{filter: attn, value: 3}]"),
            r"weight: of model 2 \(b\) has no value for tensors that no filter takes",
        ),
        ("merge_method: linear\n" + MODELS.replace("weight: 1", "weight: true"), "weight: got True, expected a finite"),
        ("merge_method: linear\n" + MODELS.replace("weight: 1", "weight: .nan"), "weight: got nan, expected a finite"),
        ("merge_method: ties\nparameters: {lambda: .inf}\n" + BASED, "lambda: got inf, expected a finite number"),
        ("merge_method: ties\nparameters: {normalize: maybe}\n" + BASED, "normalize: got 'maybe', expected true or"),
        ("merge_method: linear\nmodels: [{model: ''}]", "weight: of model 1"),
        ("merge_method: karcher\nmodels: [{model: ''}]", "models: got '', expected a path"),
        ("merge_method: linear\n---\nmerge_method: linear\n", "holds 2 documents, parted by ---; give each merge a"),
    ],
)
def test_what_has_no_counterpart_is_refused_by_its_key(here, text, said):
    (here / "config.yml").write_text(text)
    with pytest.raises(ValueError, match=rf"config\.yml: {said}"):
        read_recipe(here / "config.yml")


def test_the_result_has_the_dtype_of_the_output_where_both_are_given(here):
    found = made(here, "merge_method: linear\ndtype: float32\nout_dtype: bfloat16\n" + MODELS)
    assert {tensor.dtype for tensor in found.values()} == {torch.bfloat16}
