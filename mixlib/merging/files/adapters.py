"""Low-rank adapters (LoRA) as PEFT saves them: a base's tensors with ``scale * B A`` added, row by row."""

import math
import re
from pathlib import Path

from mixlib.merging.files.reading import Checkpoint, read_json

__all__ = []

CONFIG, WEIGHTS = "adapter_config.json", "adapter_model.safetensors"
PREFIX = "base_model.model."
OTHER_KINDS = (
    *("use_dora", "use_qalora", "use_bdlora", "lora_bias", "trainable_token_indices", "alora_invocation_tokens"),
    *("target_parameters", "layer_replication", "arrow_config", "kasa_config", "monteclora_config", "velora_config"),
)
CHANGE_THE_BASE = ("pissa", "olora", "corda", "loftq", "lora_ga")  # ways to begin training
FACTOR = re.compile(r"^(.*)\.lora_(A|B|embedding_A|embedding_B)(?:\.weight)?$")


def is_adapter(path):
    """Whether a folder holds an adapter in place of a model."""
    return (Path(path).expanduser() / CONFIG).is_file()


def base_of(path):
    """The model that an adapter's configuration names, if it is a local path."""
    named = read_json(Path(path).expanduser() / CONFIG).get("base_model_name_or_path")
    return named if named and Path(named).expanduser().exists() else None


class Adapted:
    r"""A checkpoint with an adapter merged into it: :math:`W + \frac{\alpha}{r} B A` for each adapted matrix.

    Has the attributes and methods of `Checkpoint`. ``use_rslora`` divides by :math:`\sqrt r`; ``fan_in_fan_out`` and
    embeddings have the transposed product; tensors that the adapter saved whole take the place of the base's.
    """

    def __init__(self, path, base):
        import torch

        self.path, self.base = Path(path).expanduser(), base
        self.name, self.folder, self.config, self.metadata = str(path), base.folder, base.config, base.metadata
        self.files, self.entries = [*base.files, self.path / WEIGHTS], dict(base.entries)
        self.settings = read_json(self.path / CONFIG)
        self._check_kind()
        if not (self.path / WEIGHTS).is_file():
            raise ValueError(f"{self.name}: holds {CONFIG} and no {WEIGHTS}; save the adapter as safetensors")
        self.own = Checkpoint(self.path / WEIGHTS)
        self.factors, self.whole = {}, {}
        for name, entry in self.own.entries.items():
            factor = FACTOR.match(name)
            module = factor[1] if factor else name.replace(".base_layer.", ".").removesuffix(".weight")
            module = module.removeprefix(PREFIX)
            target = self._target(f"{module}.weight" if factor or name.endswith(".weight") else module, name)
            if factor:
                values = torch.empty(entry.elements, dtype=torch.float32)
                self.own.read_rows(name, 0, entry.rows, values)
                self.factors.setdefault(target, {})[factor[2]] = values.reshape(entry.shape)
            elif entry.shape != base.entries[target].shape:
                raise ValueError(
                    f"{self.name}: {name!r} is {entry.described()} and the base's {base.entries[target].described()}"
                )
            else:
                self.whole[target] = name
        self.added = {name: self._low_rank(name, pair) for name, pair in self.factors.items()}

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.own.__exit__(*error)
        self.base.__exit__(*error)

    def read_rows(self, name, first, last, into):
        """As that of a checkpoint."""
        if name in self.whole:
            self.own.read_rows(self.whole[name], first, last, into)
        else:
            self.base.read_rows(name, first, last, into)
        if name in self.added:
            left, right = self.added[name]
            rows = into[: (last - first) * right.shape[1]].view(last - first, right.shape[1])
            rows.addmm_(left[first:last].to(into.dtype), right.to(into.dtype))

    def raw(self, name):
        """As that of a checkpoint."""
        yield from self.own.raw(self.whole[name]) if name in self.whole else self.base.raw(name)

    def _check_kind(self):
        kind = self.settings.get("peft_type", "LORA")
        refused = [f"peft_type {kind}"] if kind != "LORA" else []
        refused += [key for key in OTHER_KINDS if self.settings.get(key)]
        if str(begun := self.settings.get("init_lora_weights")).startswith(CHANGE_THE_BASE):
            refused += [f"init_lora_weights {begun}"]
        if refused:
            raise ValueError(f"{self.name}: {refused[0]} is no plain LoRA; merge it with the package peft")
        if not isinstance(self.settings.get("r"), int):
            raise ValueError(f"{self.name}: its {CONFIG} has no rank r")

    def _target(self, wanted, name):
        """The base's tensor that a tensor of the adapter belongs to, with or without a prefix of the whole model."""
        if wanted in self.base.entries:
            return wanted
        near = [n for n in self.base.entries if n.endswith(f".{wanted}") or wanted.endswith(f".{n}")]
        if len(near) == 1:
            return near[0]
        tied = wanted.startswith("lm_head") and self.base.config.get("tie_word_embeddings")
        tied = "; the base has it tied to its embedding" if tied else ""
        raise ValueError(f"{self.name}: {name!r} belongs to {wanted!r}, which {self.base.name} does not hold{tied}")

    def _low_rank(self, name, pair):
        """The two factors of what is added to a tensor, ``(rows, r)`` with the scale and ``(r, row)``."""
        embedding = "embedding_A" in pair
        try:
            down, up = (pair["embedding_A"], pair["embedding_B"]) if embedding else (pair["A"], pair["B"])
        except KeyError as error:
            raise ValueError(f"{self.name}: {name!r} lacks its factor lora_{error.args[0]}") from None
        entry = self.base.entries[name]
        if down.ndim != 2 or up.ndim != 2 or len(entry.shape) != 2:
            raise ValueError(f"{self.name}: {name!r} is a convolution; merge its adapter with the package peft")
        if not entry.floating:
            raise ValueError(f"{self.name}: {name!r} is {entry.dtype} in the base, which nothing can be added to")
        transposed = embedding or self.settings.get("fan_in_fan_out")
        if not embedding and up.shape[0] != down.shape[1]:  # then the shape tells, whatever the settings of the whole
            transposed = (up.shape[0], down.shape[1]) != entry.shape
        left, right = (down.T, up.T) if transposed else (up, down)
        if (left.shape[0], right.shape[1]) != entry.shape:
            raise ValueError(
                f"{self.name}: the factors of {name!r} make {left.shape[0]} by {right.shape[1]}, and the base's has "
                f"the shape {list(entry.shape)}; it is an adapter of another model"
            )
        return self._scale(name, down.shape[0]) * left, right.contiguous()

    def _scale(self, name, rank):
        module = name.removesuffix(".weight")
        alpha = self.settings.get("lora_alpha", rank)
        for pattern, value in (self.settings.get("alpha_pattern") or {}).items():
            if re.match(rf"^(.*\.)?({pattern})$", module):
                alpha = value
                break
        return alpha / (math.sqrt(rank) if self.settings.get("use_rslora") else rank)
