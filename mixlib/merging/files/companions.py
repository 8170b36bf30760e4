"""What travels with a merged model's weights: configuration, tokenizer, licence, as ``from_pretrained`` wants them."""

import json
import shutil

from mixlib.merging.files.reading import read_json

__all__ = []

SUFFIXES = (".json", ".txt", ".model", ".jinja", ".py", ".tiktoken", ".spm", ".bpe")
LICENCES = ("license", "licence", "notice", "use_policy")
LEFT = ("trainer_state.json", "all_results.json", "train_results.json", "eval_results.json", "adapter_config.json",
        "requirements.txt")  # fmt: skip
MARKS = {  # files of which a model has one if it has this part
    "configuration": ("config.json",),
    "tokenizer": ("tokenizer.json", "tokenizer.model", "spiece.model", "sentencepiece.bpe.model", "vocab.json",
                  "vocab.txt", "tiktoken.model"),
}  # fmt: skip
GENERATION, TOKENIZER, TEMPLATE = "generation_config.json", "tokenizer_config.json", "chat_template.jinja"
OWN = (  # of a configuration, what may differ between models that can be merged
    "_name_or_path", "transformers_version", "torch_dtype", "dtype", "vocab_size", "use_cache", "architectures",
    "tie_word_embeddings", "task_specific_params", "_from_model_config",
)  # fmt: skip
OF_TEXT = ("bos_token", "eos_token", "pad_token", "unk_token", "add_bos_token", "add_eos_token", "chat_template")
MOST_NAMED, LONGEST = 5, 40  # things, and letters of a value, in a message


def carry(models, folder):
    """Copy what is no weight and no record of training from the first model, and what it lacks from the next.

    Returns
    -------
    dict
        The configuration that was copied.
    list of str
        Notes on what is not the first model's.
    """
    notes, first = [], models[0]
    for part in (*MARKS, "licence"):
        marks = MARKS.get(part, ())
        having = [model for model in models if any(name in marks for name in _files(model))]
        chosen = having[0] if having else first
        for name in _files(chosen):
            if _part(name) == part:
                shutil.copyfile(chosen.folder / name, folder / name)
        if chosen is not first:
            notes.append(f"{first.name} has no {part}; the result has that of {chosen.name}")
    return read_json(folder / "config.json"), notes


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


def differences(models):
    """Notes on settings in which models differ from the first that has any: the result has those of that one."""
    source = next((model for model in models if model.config), models[0])
    ours, notes = _settings(source), []
    for model in models:
        theirs, told = _settings(model), {}
        for file in [file for file in ours if ours[file] and theirs[file]]:
            for key in sorted({*ours[file], *theirs[file]}):
                pair = ours[file].get(key), theirs[file].get(key)
                if pair[0] != pair[1] and key not in told:
                    told[key] = f"{key} ({_short(pair[0])} and {_short(pair[1])})"
        if told:
            notes.append(
                f"the configurations of {source.name} and {model.name} differ in {listed(told.values())}; the result "
                f"has the first's"
            )
    return notes


def listed(things, between=", "):
    """Things with something between them, and how many more there are than are named."""
    things = list(things)
    more = f"{between}and {len(things) - MOST_NAMED} more" if len(things) > MOST_NAMED else ""
    return between.join(things[:MOST_NAMED]) + more


def _files(model):
    """The names of the files of a model's folder that travel with its weights."""
    found = []
    for file in sorted(model.folder.iterdir()) if model.folder is not None else ():
        name = file.name.lower()
        wanted = name.endswith(SUFFIXES) or name.startswith(LICENCES)
        if file.is_file() and wanted and not name.endswith(".index.json") and name not in LEFT:
            found.append(file.name)
    return found


def _part(name):
    """Which part of a model a file belongs to; whatever is neither code nor licence goes with the tokenizer."""
    if name.lower().startswith(LICENCES):
        return "licence"
    return "configuration" if name in (*MARKS["configuration"], GENERATION) or name.endswith(".py") else "tokenizer"


def _settings(model):
    """What a model's files say that matters for its outputs, by file."""
    if model.folder is None:
        return {file: {} for file in ("config", "text", "generation")}
    text = {key: value for key, value in read_json(model.folder / TOKENIZER).items() if key in OF_TEXT}
    if (model.folder / TEMPLATE).is_file():
        text["chat_template"] = (model.folder / TEMPLATE).read_text(encoding="utf-8")
    found = {"config": model.config, "text": text, "generation": read_json(model.folder / GENERATION)}
    return {file: {key: _plain(each[key]) for key in each if key not in OWN} for file, each in found.items()}


def _plain(value):
    return value["content"] if isinstance(value, dict) and "content" in value else value  # of an added token


def _short(value):
    return text if len(text := repr(value)) <= LONGEST else f"{text[: LONGEST - 1]}…"
