"""Causal language models from a local Hugging Face folder, as specialists."""

import json
from pathlib import Path

import numpy as np

from mixlib.extras import needed_by
from mixlib.federation.models.base import ROWS, InBlocks, check_rows, check_text, on_device, regrouped

__all__ = ["CausalModel", "from_pretrained"]

WINDOW = 1024  # tokens a model sees at a time, if it can see as many
PRECISIONS = ("float32", "bfloat16", "float16")


class CausalModel(InBlocks):
    r"""Causal transformer with its tokenizer, scored in windows that slide over long documents.

    The first window of a document predicts all of its tokens, each later one only the ``stride`` tokens that are new.
    Every window begins with the start token, so every token is predicted from the start token and at least
    ``window - stride - 1`` tokens, or all that the document has.

    Attributes
    ----------
    network : transformers.PreTrainedModel
        In evaluation mode.
    tokenizer : tokenizers.Tokenizer
        Without truncation and padding.
    vocabulary : int
        Tokens ``V`` of the tokenizer. Ids beyond, with which some models pad their output, can never come: they are
        left out, and the rest is normalised.
    start : int
        The token that stands before a document.
    window : int
        Tokens that the model sees at a time.
    stride : int
        Tokens by which the window moves on.

    Examples
    --------
    >>> from mixlib.federation import encode_text, from_pretrained
    >>> model = from_pretrained("gpt")  # a folder
    >>> stream = encode_text(model.tokenizer, ["wave after wave after wave"])
    >>> [rows.shape for rows in model.log_prob_blocks(stream.tokens)] == [(len(stream.tokens), model.vocabulary)]
    True
    """

    kind = "hugging-face"

    def __init__(self, network, tokenizer, *, start, window, stride):
        self.network, self.tokenizer = network, tokenizer
        self.vocabulary = max(tokenizer.get_vocab(with_added_tokens=True).values()) + 1
        self.start, self.window, self.stride = start, window, stride

    def log_prob_blocks(self, tokens, document_starts=(0,), rows=ROWS):
        """Yield the rows of :meth:`log_probs` in blocks of ``rows``; the last may be shorter."""
        check_rows(rows)
        tokens, starts = check_text(tokens, document_starts, self.vocabulary)
        documents = np.split(tokens, starts[1:])
        yield from regrouped((piece for document in documents for piece in self._windows(document)), rows)

    def following(self):
        """A text that grows: ``next()`` gives the row of its next token, ``hear(token)`` goes on.

        What was read is kept, so that each token is read once a window.

        Examples
        --------
        >>> from mixlib.federation import from_pretrained
        >>> text = from_pretrained("gpt").following()  # a folder
        >>> text.hear(5)
        >>> text.next().shape == (text.model.vocabulary,)
        True
        """
        return _Following(self)

    def _windows(self, document):
        import torch

        ends = [*range(min(self.window, len(document)), len(document), self.stride), len(document)]
        for done, end in zip([0, *ends[:-1]], ends, strict=True):
            context = np.concatenate([[self.start], document[max(end - self.window, 0) : end - 1]])
            with torch.inference_mode():
                ids = torch.from_numpy(context)[None].to(self.network.device)
                logits = self.network(input_ids=ids, use_cache=False).logits[0, done - end :, : self.vocabulary]
                piece = torch.log_softmax(logits.float(), dim=-1).cpu().numpy()
            yield piece  # outside: whoever asks for pieces must not find torch in another mode


class _Following:
    def __init__(self, model):
        self.model, self.tokens, self.unread, self.read, self.past, self.row = model, [], [model.start], 0, None, None

    def next(self):
        """Log-probabilities ``(V,)`` of the next token."""
        if self.unread:
            self._read()
        return self.row

    def hear(self, token):
        """The text goes on with ``token``."""
        self.tokens.append(int(token))
        self.unread.append(int(token))

    def _read(self):
        import torch

        model = self.model
        if self.read + len(self.unread) > model.window:  # the next window, as where a whole text is scored
            past_ends = -(-(len(self.tokens) + 1 - model.window) // model.stride) * model.stride
            self.unread, self.read, self.past = [model.start, *self.tokens[past_ends:]], 0, None
        with torch.inference_mode():
            ids = torch.tensor([self.unread], device=model.network.device)
            out = model.network(input_ids=ids, past_key_values=self.past, use_cache=True)
            logits = out.logits[0, -1, : model.vocabulary].float()
            self.row = torch.log_softmax(logits, dim=-1).cpu().numpy()
        self.read, self.past, self.unread = self.read + len(self.unread), out.past_key_values, []


def from_pretrained(path, *, window=None, stride=None, start=None, device="cpu", precision="float32"):
    """Causal language model and tokenizer from a local folder of Hugging Face files, without any network.

    Parameters
    ----------
    path : path
        A folder that ``save_pretrained`` wrote, for model and tokenizer.
    window : None or int, default=None
        Tokens the model sees at a time; ``None`` means as many as it can, 1,024 at most.
    stride : None or int, default=None
        Tokens by which the window moves on; ``None`` means half the window. Smaller gives every token more context and
        takes longer.
    start : None or int, default=None
        The token before a document; ``None`` takes the folder's bos token, or else its eos token.
    device : str, default="cpu"
        As torch names it: ``"cpu"``, ``"cuda"``.
    precision : {"float32", "bfloat16", "float16"}, default="float32"
        Of the weights. Log-probabilities are float32 always.

    Returns
    -------
    CausalModel
        With ``log_probs(tokens)``, as any other specialist.

    Raises
    ------
    ValueError
        If the folder, its configuration, weights or tokenizer is missing, incomplete or of another kind, or a setting
        does not fit the model.
    ImportError
        If transformers is not installed.

    Examples
    --------
    >>> from mixlib.federation import from_pretrained
    >>> model = from_pretrained("gpt", window=16)  # a folder
    >>> model.window, model.stride
    (16, 8)
    """
    path = Path(path).expanduser()
    if not (path / "config.json").is_file():
        raise ValueError(f"path: {path} holds no config.json; give a local folder that save_pretrained wrote")
    if precision not in PRECISIONS:
        raise ValueError(f"precision: expected one of {', '.join(PRECISIONS)}, got {precision!r}")
    network, tokenizer = _network(path, precision), _tokenizer(path)
    most, size = getattr(network.config, "max_position_embeddings", None), network.config.vocab_size
    window = min(WINDOW, most or WINDOW) if window is None else window
    stride = max(window // 2, 1) if stride is None else stride
    if not 1 <= stride <= window or (most and window > most):
        raise ValueError(
            f"window, stride: expected 1 <= stride <= window{f' <= {most}, all that the model can see' if most else ''}"
            f", got window {window} and stride {stride}"
        )
    backend = tokenizer.backend_tokenizer
    backend.no_truncation()
    backend.no_padding()
    for candidate in (tokenizer.bos_token_id, tokenizer.eos_token_id):
        start = candidate if start is None else start
    if start is None or not 0 <= start < size:
        raise ValueError(
            f"start: {path} names no bos or eos token among the model's {size} ids (got {start}); pass start=ID, the "
            f"token that stood before documents in training"
        )
    model = CausalModel(on_device(network, device).eval(), backend, start=int(start), window=window, stride=stride)
    if model.vocabulary > size:
        raise ValueError(
            f"path: the tokenizer in {path} has {model.vocabulary} tokens and the model only {size}; they do not "
            f"belong together"
        )
    return model


def check_files(path):
    """Raise a ValueError if a model's folder lacks a file, or one is no JSON or was cut off; loads nothing."""
    for name in ("config.json", "tokenizer.json"):
        if not (path / name).is_file():
            raise ValueError(
                f"path: {path} holds no {name}; save the model and its fast tokenizer with save_pretrained"
            )
        try:
            json.loads((path / name).read_text(encoding="utf-8"))
        except (ValueError, RecursionError) as error:
            raise ValueError(f"path: {path / name} cannot be read ({_first_line(error)})") from error
    weights = [p for p in path.iterdir() if p.suffix in (".safetensors", ".bin")]
    if not weights:
        raise ValueError(f"path: the weights in {path} cannot be read (there is no .safetensors file)")
    for file in weights:
        if file.suffix == ".safetensors" and (why := _cut_off(file)):
            raise ValueError(f"path: the weights in {path} cannot be read ({file.name} {why}); save the model again")


def _cut_off(file):
    """What is wrong with the length of a safetensors file: 8 bytes, then a header so long, then what it lists."""
    size = file.stat().st_size
    with file.open("rb") as stream:
        length = int.from_bytes(stream.read(8), "little")
        if size < 8 or length > size - 8:
            return f"has {size:,} bytes, not even a whole header"
        try:
            header = json.loads(stream.read(length))
            end = max((entry["data_offsets"][1] for name, entry in header.items() if name != "__metadata__"), default=0)
        except (ValueError, TypeError, KeyError, AttributeError, IndexError, RecursionError):
            return "has a damaged header"
    return None if size == 8 + length + end else f"has {size:,} bytes, expected {8 + length + end:,}"


def _network(path, precision):
    with needed_by(f"path: {path}, a Hugging Face model,"):
        import torch
        import transformers
    from transformers.models.auto.modeling_auto import MODEL_FOR_CAUSAL_LM_MAPPING_NAMES

    try:
        config = transformers.AutoConfig.from_pretrained(path, local_files_only=True)
    except Exception as error:  # values of the wrong kind raise whatever the model's class does with them
        raise ValueError(f"path: {path / 'config.json'} cannot be read ({_first_line(error)})") from error
    names = config.architectures or []
    if not set(names) & set(MODEL_FOR_CAUSAL_LM_MAPPING_NAMES.values()):
        raise ValueError(
            f"path: {path} holds {', '.join(names) or 'a model of no named kind'}, which is no causal language model; "
            f"a specialist must predict each token from those before it"
        )
    try:
        network, info = transformers.AutoModelForCausalLM.from_pretrained(
            path, config=config, local_files_only=True, dtype=getattr(torch, precision), output_loading_info=True
        )
    except ImportError:
        raise
    except Exception as error:  # safetensors, pickle and the model's class have each their own
        raise ValueError(f"path: the weights in {path} cannot be read ({_first_line(error)})") from error
    if info["missing_keys"]:  # they would be random numbers
        missing = sorted(info["missing_keys"])
        raise ValueError(f"path: the weights in {path} lack {len(missing)} tensors, {missing[0]} among them")
    return network


def _tokenizer(path):
    if not (path / "tokenizer.json").is_file():  # without it, transformers would make up an empty one
        raise ValueError(
            f"path: {path} holds no tokenizer.json; save the model's fast tokenizer there, with save_pretrained"
        )
    from transformers import AutoTokenizer

    try:
        return AutoTokenizer.from_pretrained(path, local_files_only=True)
    except Exception as error:  # the tokenizers package raises nothing more specific
        raise ValueError(f"path: the tokenizer in {path} cannot be read ({_first_line(error)})") from error


def _first_line(error):
    return str(error).strip().partition("\n")[0] or type(error).__name__
