"""Specialists whose names and tokens would take over a page or a terminal that let them."""

import pytest

from mixlib.federation import KneserNey, encode_text, save_specialist, train_tokenizer

NAMES = ("<script>alert(1)</script>", "\"'><b onclick>$x_1$ & 海")
SEA = ["</script><script>alert(3)</script> wave tide & gull \x1b[31m\u202e " * 30]
LAND = ["<b onclick='alert(4)'>hill</b> path\noak barn $\\alpha$ \x07 " * 30]


@pytest.fixture(scope="session")
def hostile(tmp_path_factory):
    """The options that give two of them, and a folder of text."""
    folder = tmp_path_factory.mktemp("hostile")
    tokenizer = train_tokenizer(SEA + LAND, 300)
    options = []
    for number, (name, text) in enumerate(zip(NAMES, (SEA, LAND), strict=True)):
        stream = encode_text(tokenizer, text)
        model = KneserNey(tokenizer.get_vocab_size(), 3).fit(stream.tokens, stream.document_starts)
        options += ["--specialist", f"{name}={save_specialist(folder / str(number), model, tokenizer)}"]
    (folder / "text").mkdir()
    for number in range(6):
        mixed = SEA[0][: 200 + 30 * number] + LAND[0][: 400 - 40 * number]
        (folder / "text" / f"{number}.txt").write_text(mixed.replace("\x1b", "").replace("\x07", ""), encoding="utf-8")
    return options, folder / "text"
