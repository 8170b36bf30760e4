"""Vocabularies: whether models mean the same tokens by the same rows, and their union where they don't."""

import copy
import json
import re

from mixlib.merging.files.reading import read_json

__all__ = []

INPUT = ("embed_tokens.weight", "wte.weight", "word_embeddings.weight", "shared.weight", "embed_in.weight",
         "tok_embeddings.weight", "embeddings.weight", "embedding.weight")  # fmt: skip
OUTPUT = ("lm_head.weight", "embed_out.weight", "output.weight", "lm_head.bias", "decoder.weight", "decoder.bias",
          "predictions.bias")  # fmt: skip
ELSE = re.compile(r"\.\d+\.|position|token_type")  # tables of other things


def tokens_of(model):
    """Token to id of a checkpoint's tokenizer, added tokens included; ``None`` where no file says it."""
    if model.folder is None:
        return None
    if tokenizer := read_json(model.folder / "tokenizer.json"):
        vocabulary = tokenizer.get("model", {}).get("vocab") or {}
        if isinstance(vocabulary, list):  # of a unigram model, with scores
            vocabulary = {token: i for i, (token, *_) in enumerate(vocabulary)}
        return vocabulary | {token["content"]: token["id"] for token in tokenizer.get("added_tokens", [])}
    vocabulary = read_json(model.folder / "vocab.json")
    return vocabulary | read_json(model.folder / "added_tokens.json") if vocabulary else None


def setting(model, key):
    """A value of a model's configuration, or of its part for text."""
    return model.config.get(key, (model.config.get("text_config") or {}).get(key))


def is_table(name, endings=INPUT):
    """Whether a tensor's name is that of a table of tokens."""
    return name.endswith(endings) and not ELSE.search(name)


def by_token(models, name):
    """Whether the rows of a tensor are tokens."""
    sizes = [setting(model, "vocab_size") for model in models]
    shapes = [model.entries[name].shape for model in models]
    return is_table(name, INPUT + OUTPUT) and all(
        shape and (size is None or shape[0] == size) for shape, size in zip(shapes, sizes, strict=True)
    )


def differing(models):
    """What differs between the vocabularies of models, in words; empty if nothing does, or if no file says it."""
    known = [(model, tokens) for model in models if (tokens := tokens_of(model)) is not None]
    for model, tokens in known[1:]:
        first, expected = known[0]
        if tokens == expected:
            continue
        moved = [token for token in expected if token in tokens and tokens[token] != expected[token]]
        more, fewer = len(tokens.keys() - expected.keys()), len(expected.keys() - tokens.keys())
        said = [f"{more:,} tokens only in {model.name}"] if more else []
        said += [f"{fewer:,} only in {first.name}"] if fewer else []
        said += [f"{len(moved):,} with other ids, such as {moved[0]!r}"] if moved else []
        return ", ".join(said)
    return ""


class Union:
    """The union of the vocabularies of several models: the first one's tokens keep their ids, further ones follow.

    Attributes
    ----------
    tokens : dict of str to int
        All tokens with their ids.
    size : int
        Rows of the united embeddings: at least those of the first model, which may have spare ones.
    rows : list of array (size,)
        For each model, its own row for each of the new ids; -1 where it has none.
    tokenizer : dict
        The content of a tokenizer.json.
    """

    def __init__(self, models, rows):
        import numpy as np

        vocabularies = [tokens_of(model) for model in models]
        files = [read_json(model.folder / "tokenizer.json") if model.folder else {} for model in models]
        for model, file in zip(models, files, strict=True):
            if not file:
                raise ValueError(
                    f"vocabulary: a union needs the tokenizer.json of each model, and {model.name} has none; load its "
                    f"tokenizer with AutoTokenizer and save it with save_pretrained"
                )
        self.tokens, self.tokenizer = dict(vocabularies[0]), copy.deepcopy(files[0])
        for file, model in zip(files[1:], models[1:], strict=True):
            self._unite(file, model)
        self.size = max(rows[0], max(self.tokens.values(), default=-1) + 1)
        self.rows = []
        for tokens, count in zip(vocabularies, rows, strict=True):
            own = np.full(self.size, -1)
            for token, place in self.tokens.items():
                if tokens.get(token, count) < count:
                    own[place] = tokens[token]
            spare = np.setdiff1d(np.arange(self.size), list(self.tokens.values()))
            free = np.setdiff1d(np.arange(count), list(tokens.values()))
            spare = spare[np.isin(spare, free)]  # rows that pad a table to a round size stay what they are
            own[spare] = spare
            self.rows.append(own)

    def _unite(self, file, model):
        ours, theirs = self.tokenizer["model"], file["model"]
        added = {token["content"]: token for token in file.get("added_tokens", [])}
        vocabulary = theirs.get("vocab") or {}
        missing = [] if isinstance(vocabulary, list) else [token for token in vocabulary if token not in self.tokens]
        if isinstance(vocabulary, list) and any(token not in self.tokens for token, *_ in vocabulary):
            missing = [token for token, *_ in vocabulary if token not in self.tokens]
        missing = [token for token in missing if token not in added]
        place = max(self.tokens.values(), default=-1)
        kinds = ours.get("type"), theirs.get("type")
        if missing and (kinds[0] != kinds[1] or kinds[0] not in ("BPE", "WordPiece", "WordLevel")):
            raise ValueError(
                f"vocabulary: {len(missing):,} tokens of {model.name} are not in the first model's vocabulary, and "
                f"tokenizers of the kinds {kinds[0]} and {kinds[1]} cannot be united but for added tokens"
            )
        for token in sorted(missing, key=vocabulary.get) if missing else []:
            place += 1
            self.tokens[token] = ours["vocab"][token] = place
        if missing and kinds[0] == "BPE":
            known = {_pair(pair) for pair in ours["merges"]}
            new = set(missing)
            ours["merges"] += [
                list(pair) if ours["merges"] and isinstance(ours["merges"][0], list) else " ".join(pair)
                for pair in map(_pair, theirs["merges"])
                if pair not in known and "".join(pair) in new
            ]
        for content, token in sorted(added.items(), key=lambda item: item[1]["id"]):
            if content not in self.tokens:
                place += 1
                self.tokens[content] = place
                self.tokenizer.setdefault("added_tokens", []).append(token | {"id": place})

    def save(self, folder):
        """Write the tokenizer, and leave out files that describe the first model's alone."""
        (folder / "tokenizer.json").write_text(json.dumps(self.tokenizer, ensure_ascii=False), encoding="utf-8")
        for name in ("vocab.json", "merges.txt", "added_tokens.json", "tokenizer.model", "vocab.txt"):
            (folder / name).unlink(missing_ok=True)


def _pair(merge):
    return tuple(merge.split(" ", 1)) if isinstance(merge, str) else tuple(merge)
