"""What examples read as a user's own: text of two domains, a folder each, and a folder with a small transformer."""

import numpy as np

WORDS = {
    "sea": ["wave", "wind", "salt", "sail", "shore", "tide", "ship", "gull", "net", "rope", "deck", "mast"],
    "land": ["field", "plough", "wheat", "stone", "barn", "horse", "hedge", "road", "mill", "cow", "sheep", "oak"],
}
END = "<|endoftext|>"


def write_text(folder, documents=24, words=160):
    """Write ``sea`` and ``land`` below ``folder``, one file a document."""
    rng = np.random.default_rng(0)
    for domain, vocabulary in WORDS.items():
        (folder / domain).mkdir()
        for number in range(documents):
            text = " ".join(rng.choice(vocabulary, size=words))
            (folder / domain / f"{number:02}.txt").write_text(text + "\n", encoding="utf-8")


def write_model(folder, window=32):
    """Write an untrained GPT-2 of some thousand weights to ``folder``, as ``save_pretrained`` does."""
    import torch  # here, for most examples need neither
    import transformers

    from mixlib.federation import train_tokenizer

    tokenizer = train_tokenizer([" ".join(words) for words in WORDS.values()], 270)
    tokenizer.add_special_tokens([END])
    torch.manual_seed(0)
    sizes = {"vocab_size": tokenizer.get_vocab_size(), "n_positions": window, "n_embd": 8, "n_layer": 1, "n_head": 1}
    ends = {"bos_token_id": None, "eos_token_id": None}
    transformers.GPT2LMHeadModel(transformers.GPT2Config(**sizes, **ends)).save_pretrained(folder)
    transformers.PreTrainedTokenizerFast(tokenizer_object=tokenizer, eos_token=END).save_pretrained(folder)
