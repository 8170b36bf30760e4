"""What travels with a merged model's weights: configuration, tokenizer, licence, as ``from_pretrained`` wants them."""

import json
import shutil
import warnings

__all__ = []

SUFFIXES = (".json", ".txt", ".model", ".jinja", ".py", ".tiktoken", ".spm", ".bpe")
LICENCES = ("license", "licence", "notice", "use_policy")
LEFT = ("trainer_state.json", "all_results.json", "train_results.json", "eval_results.json", "adapter_config.json",
        "requirements.txt")  # fmt: skip
OWN = (  # of a configuration, what may differ between models that can be merged
    "_name_or_path", "transformers_version", "torch_dtype", "dtype", "vocab_size", "use_cache", "architectures",
    "tie_word_embeddings", "bos_token_id", "eos_token_id", "pad_token_id", "task_specific_params",
)  # fmt: skip


def carry(model, folder):
    """Copy what is no weight and no record of training from a model's folder."""
    for file in sorted(model.folder.iterdir()):
        name = file.name.lower()
        wanted = name.endswith(SUFFIXES) or name.startswith(LICENCES)
        if file.is_file() and wanted and not name.endswith(".index.json") and name not in LEFT:
            shutil.copyfile(file, folder / file.name)


def edit_config(folder, changes):
    """Change some keys of a carried configuration, and of its part for text."""
    file = folder / "config.json"
    if not file.is_file() or not changes:
        return
    config = json.loads(file.read_text(encoding="utf-8"))
    for key, value in changes.items():
        places = [part for part in (config, config.get("text_config")) if isinstance(part, dict)]
        for part in [part for part in places if key in part] or places[:1]:
            part[key] = value
    file.write_text(json.dumps(config, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def warn_of_configurations(models, source):
    """Say in which settings models differ that have the same tensors: the result has those of one."""
    for model in models:
        if not (model.config and source.config) or model is source:
            continue
        keys = sorted(
            key for key in {*source.config, *model.config} - {*OWN} if source.config.get(key) != model.config.get(key)
        )
        if keys:
            told = ", ".join(f"{key} ({source.config.get(key)!r} and {model.config.get(key)!r})" for key in keys[:3])
            warnings.warn(
                f"the configurations of {source.name} and {model.name} differ in {told}; the result has the first's",
                stacklevel=2,
            )
