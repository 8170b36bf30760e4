"""Small transformers with tokenizers, as a user's own folders: what ``save_pretrained`` writes, no download."""

END = "<|endoftext|>"
WORDS = ["wave", "wind", "salt", "sail", "shore", "tide"]


def tokenizer_of(words=WORDS, added=()):
    """A tokenizer of whole words, with further added tokens."""
    import tokenizers
    import transformers

    vocabulary = {word: i for i, word in enumerate([END, *words])}
    model = tokenizers.Tokenizer(tokenizers.models.WordLevel(vocabulary, unk_token=END))
    model.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
    model.add_tokens(list(added))
    return transformers.PreTrainedTokenizerFast(tokenizer_object=model, eos_token=END)


def llama(seed, vocabulary=7, tied=False, layers=2, **more):
    """An untrained Llama of some thousand weights."""
    import torch
    import transformers

    sizes = {"hidden_size": 16, "intermediate_size": 24, "num_hidden_layers": layers, "num_attention_heads": 2}
    config = transformers.LlamaConfig(
        vocab_size=vocabulary, tie_word_embeddings=tied, max_position_embeddings=32, eos_token_id=0, bos_token_id=0,
        **sizes, **more,
    )  # fmt: skip
    torch.manual_seed(seed)
    return transformers.LlamaForCausalLM(config)


def write_llama(folder, seed, *, words=WORDS, added=(), tied=False, layers=2, dtype=None, shard="5GB", **more):
    """Write such a model with its tokenizer to a folder, and give the model."""
    tokenizer = tokenizer_of(words, added)
    model = llama(seed, max(tokenizer.get_vocab().values()) + 1, tied, layers, **more)
    model = model if dtype is None else model.to(dtype)
    model.save_pretrained(folder, max_shard_size=shard)
    tokenizer.save_pretrained(folder)
    return model
