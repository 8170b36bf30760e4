"""``mixlib generate``: specialists of every source, text in colour and plain, its record, its page, and bad lines."""

import io
import json
import sys

import numpy as np
import pytest

from completions_server import LLAMA_SERVER, CompletionsServer
from hostile import hostile  # noqa: F401
from mixlib.cli import main
from mixlib.cli._shared.terminal import coloured, harmless, in_colour
from mixlib.federation import KneserNey, check_trace, encode_text, generate, load_specialist, save_specialist
from mixlib.federation.text.tokenizer import train_tokenizer

SEA = ["wave tide gull salt " * 30, "tide wave reef " * 40]
LAND = ["hill path oak barn " * 30, "stone hill path " * 40]
PROMPT = "the tide"


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """A folder with two specialists."""
    folder = tmp_path_factory.mktemp("saved")
    tokenizer = train_tokenizer(SEA + LAND, 290)
    for name, texts in {"sea": SEA, "land": LAND}.items():
        stream = encode_text(tokenizer, texts)
        save_specialist(folder / name, KneserNey(290, 3).fit(stream.tokens, stream.document_starts), tokenizer)
    return folder


@pytest.fixture
def here(saved, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return [PROMPT, "--specialist", f"{saved / 'sea'}", "--specialist", f"{saved / 'land'}"]


def record_of(line, capsys):
    assert main(["generate", *line, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_the_record_is_what_the_library_draws(here, saved, capsys):
    line = ["--tokens", "12", "--seed", "3", "--weights", ".3", ".7", "--temperature", ".8", "--top-k", "50", "--top-p"]
    record = record_of([*here, *line, ".9"], capsys)
    loaded = {name: load_specialist(saved / name) for name in ("sea", "land")}
    tokenizer = loaded["sea"].tokenizer
    models = {name: one.model for name, one in loaded.items()}
    options = {"weights": [0.3, 0.7], "temperature": 0.8, "top_k": 50, "top_p": 0.9, "rng": 3}
    made = generate(models, tokenizer.encode(PROMPT).ids, most=12, **options)
    assert [token["token"] for token in record["tokens"]] == made.tokens.tolist()
    for i, token in enumerate(record["tokens"]):
        assert list(token["shares"].values()) == pytest.approx(made.shares[:, i].tolist())
        assert token["weights"] == {"sea": 0.3, "land": 0.7}
    assert record["text"] == tokenizer.decode(made.tokens.tolist())
    assert record["ended"] == "length"
    assert record["settings"]["combiner"] == "mixture"


def test_plain_text_and_a_line_a_token(here, capsys):
    assert main(["generate", *here, "--tokens", "5"]) == 0
    out = capsys.readouterr().out
    assert "\033" not in out
    assert out.startswith(PROMPT)
    table = out[out.index("\ntoken") :].strip().splitlines()
    assert table[0].split() == ["token", "sea", "land"]
    assert len(table) == 6
    for row in table[1:]:
        assert sum(map(float, row.split()[-2:])) == pytest.approx(1, abs=2e-3)
    assert main(["generate", *here, "--tokens", "5", "--no-table"]) == 0
    assert "\ntoken" not in capsys.readouterr().out


def test_in_colour_the_text_is_the_same(here, capsys):
    assert main(["generate", *here, "--tokens", "30", "--no-table"]) == 0
    plain = capsys.readouterr().out
    assert main(["generate", *here, "--tokens", "30", "--color", "always"]) == 0
    shown = capsys.readouterr().out
    assert "\033[38;5;33m" in shown
    for look in {part.split("m")[0] for part in shown.split("\033[")[1:]}:
        shown = shown.replace(f"\033[{look}m", "")
    assert shown == plain


def test_colours_are_for_terminals_that_take_them(monkeypatch):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    assert in_colour(Terminal(), "auto")
    assert not in_colour(io.StringIO(), "auto")
    assert in_colour(io.StringIO(), "always")
    assert not in_colour(Terminal(), "never")
    monkeypatch.setenv("NO_COLOR", "1")
    assert not in_colour(Terminal(), "auto")
    assert harmless("a\x1b[31m\u202eb\n\tc\x07") == "a\ufffd[31m\ufffdb\n\tc\ufffd"
    assert coloured("a\nb", 0).split("\n")[0].endswith("\033[0m")


def test_it_ends_where_the_line_says(here, capsys):
    free = record_of([*here, "--tokens", "40"], capsys)
    stop = free["text"][10:14]
    ended = record_of([*here, "--tokens", "40", "--stop", "nowhere", "--stop", stop], capsys)
    assert ended["ended"] == "stop"
    assert stop in ended["text"]
    assert free["text"].startswith(ended["text"])
    assert stop not in ended["text"][: -len(ended["tokens"][-1]["text"])]


@pytest.mark.parametrize("rule", ["fixed-share", "mixture", "bayes-posterior", "entropy-weights", "router"])
def test_every_rule_draws(here, rule, capsys):
    record = record_of([*here, "--tokens", "6", "--combiner", rule], capsys)
    weights = np.array([list(token["weights"].values()) for token in record["tokens"]])
    np.testing.assert_allclose(weights.sum(axis=1), 1)
    assert (rule == "mixture") == bool((weights == 0.5).all())


@pytest.mark.parametrize("rule", ["em-weights", "learned-gate"])
def test_rules_that_learn_learn_from_a_text(here, rule, tmp_path, capsys):
    (tmp_path / "fit.txt").write_text(" ".join(SEA + LAND[:1]))
    record = record_of([*here, "--tokens", "4", "--combiner", rule, "--fit", "fit.txt"], capsys)
    assert record["settings"]["combiner"] == rule


def test_weights_are_where_following_ones_begin(here, capsys):
    line = ["--tokens", "1", "--combiner", "fixed-share", "--weights", "1", "0"]
    record = record_of(["", *here[1:], *line], capsys)
    assert record["tokens"][0]["weights"] == {"sea": 1.0, "land": 0.0}
    assert record["tokens"][0]["shares"] == {"sea": 1.0, "land": 0.0}


def test_own_text_is_trained_on_first(tmp_path, monkeypatch, capsys):
    from own_text import write_text

    monkeypatch.chdir(tmp_path)
    write_text(tmp_path)
    line = ["--domain", "sea=sea", "--domain", "land=land", "--vocabulary", "300", "--tokens", "30", "--seed", "2"]
    record = record_of(["wave", *line], capsys)
    assert set(record["mean_shares"]) == {"sea", "land"}
    assert record["mean_shares"]["sea"] > 0.6
    assert record["settings"]["specialists"]["sea"] == {"kind": "kneser-ney"}


def test_a_transformer_and_its_end(tmp_path, monkeypatch, capsys):
    transformers = pytest.importorskip("transformers", reason="the extra hf is not installed")
    from own_text import write_model

    monkeypatch.chdir(tmp_path)
    write_model(tmp_path / "gpt")
    folder = tmp_path / "ends"
    write_model(folder)
    config = transformers.AutoConfig.from_pretrained(folder)
    config.eos_token_id = list(range(config.vocab_size))
    config.save_pretrained(folder)
    record = record_of(["wave", "--specialist", "a=gpt", "--specialist", "b=gpt", "--tokens", "7"], capsys)
    assert len(record["tokens"]) == 7
    assert all(share == pytest.approx(0.5) for token in record["tokens"] for share in token["shares"].values())
    record = record_of(["wave", "--specialist", "a=gpt", "--specialist", "ends", "--tokens", "7"], capsys)
    assert (len(record["tokens"]), record["ended"]) == (1, "end token")


def test_a_server_is_a_specialist_too(here, saved, capsys):
    land = load_specialist(saved / "land")
    with CompletionsServer(land.model, land.tokenizer, LLAMA_SERVER, names=("a", "b")) as server:
        line = [*here[:3], "--specialist", f"land={server.url}#b", "--tokens", "20", "--logprobs", "5"]
        record = record_of(line, capsys)
        assert server.asked[-1][1]["model"] == "b"
        assert main(["generate", *line]) == 0
        assert "at the estimate of those that send only their top k" in (shown := capsys.readouterr().out)
        assert ".." in shown
        assert main(["generate", PROMPT, "--specialist", f"{server.url}#a", "--specialist", f"{server.url}#b"]) == 2
        assert "--tokenizer: is missing" in capsys.readouterr().err
        both = ["--specialist", f"{server.url}#a", "--specialist", f"{server.url}#b", "--tokenizer", str(saved / "sea")]
        assert set(record_of([PROMPT, *both, "--tokens", "2"], capsys)["mean_shares"]) == {"a", "b"}
    assert not record["exact"]
    for token in record["tokens"]:
        for name, share in token["shares"].items():
            low, high = token["share_bounds"][name]
            assert low - 1e-6 <= share <= high + 1e-6
    assert main(["generate", *line, "--timeout", "1"]) == 2
    assert "nobody answers" in capsys.readouterr().err


def test_its_account_passes_the_audit(here, tmp_path, capsys):
    assert main(["generate", *here, "--tokens", "9", "--trace", "t.jsonl"]) == 0
    seal = capsys.readouterr().err.split()[-1]
    check = check_trace(tmp_path / "t.jsonl", seal=seal)
    assert check.sound
    assert (check.lines, check.sealed) == (9, True)


def test_the_page_holds_every_token_and_nothing_of_them_runs(hostile, tmp_path, monkeypatch, capsys):  # noqa: F811
    from bs4 import BeautifulSoup

    monkeypatch.chdir(tmp_path)
    line = ["</script>\x1b", *hostile[0], "--tokens", "60", "--html", "out.html", "--seed", "1"]
    record = record_of(line, capsys)
    content = (tmp_path / "out.html").read_text(encoding="utf-8")
    page = BeautifulSoup(content, "html.parser", preserve_whitespace_tags=["p"])
    assert len(page.select(".mx-glass__text .mx-token")) == 60
    assert not page.select("img, b, [onclick], [onerror]")
    assert len(page.select("script")) == 1
    assert "alert" not in page.select_one("script").text
    assert not set("\x1b\u202e\x07") & set(content)
    assert [row.select_one("code").text for row in page.select("tbody tr")].count("") == 0
    names = [cell.text.split(". ")[0] for cell in page.select(".mx-glass__legend .mx-token")]
    assert names == list(record["mean_shares"])
    assert page.select_one(".mx-glass__prompt").text == "</script>\ufffd"


def test_standard_input_can_be_the_prompt(here, monkeypatch, capsys):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO("wave é".encode())))
    assert record_of([*here[1:], "--prompt-file", "-", "--tokens", "1"], capsys)["prompt"] == "wave é"


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (["--tokens", "-1"], "got -1, expected a whole number"),
        (["--temperature", "-1"], "temperature: "),
        (["--top-p", "0"], "top_p: "),
        (["--weights", "1"], "--weights: got 1 for 2 specialists (sea, land)"),
        (["--weights", ".5", ".6"], "--weights: sums to 1.1, not 1"),
        (["--weights", ".5", ".5", "--combiner", "router"], "--weights: router finds its own"),
        (["--combiner", "product"], "--combiner: invalid choice"),
        (["--combiner", "learned-gate"], "learns from text; add --fit"),
        (["--fit", "x.txt"], "--fit: only em-weights and learned-gate learn from it"),
        (["--stop", ""], "--stop: expected a text"),
        (["--domain", "a=b"], "use one of both"),
        (["--prompt-file", "x"], "give one of them"),
        (["--html", "-"], "--html: - is standard output"),
        (["--html", "no/where.html"], "its folder does not exist"),
        (["--html", "h.html", "--tokens", "2001"], "--html: a page shows at most 6 specialists and 2,000 tokens"),
        (["--timeout", "0"], "--timeout: got 0, expected a number of seconds above 0"),
        (["--timeout", "inf"], "--timeout: got inf, expected a number of seconds above 0"),
        (["--tokenizer", "nowhere"], "--tokenizer: nowhere cannot be read"),
        (["--specialist", "http://"], "--specialist: expected FOLDER, URL"),
    ],
)
def test_bad_lines_are_one_line(here, line, message, capsys):
    assert main(["generate", *here, *line]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert message in err.splitlines()[-1]


def test_what_is_there_is_kept(here, tmp_path, capsys):
    (tmp_path / "out.html").write_text("mine")
    assert main(["generate", *here, "--html", "out.html"]) == 2
    assert "out.html: is there already" in capsys.readouterr().err
    assert (tmp_path / "out.html").read_text() == "mine"
    assert main(["generate", *here, "--html", "out.html", "--force", "--tokens", "0"]) == 0
    assert "No token was asked for" in (tmp_path / "out.html").read_text()


def test_weights_that_are_none_are_refused_before_anything_is_trained(capsys):
    assert main(["generate", "x", "--weights", "-1", "1", "1"]) == 2
    err = capsys.readouterr().err
    assert "--weights: holds a negative weight" in err
    assert "training" not in err


def test_no_token_has_no_shares(here, capsys):
    assert main(["generate", *here, "--tokens", "0"]) == 0
    assert capsys.readouterr().out == f"{PROMPT}\n\nno token was asked for\n"


def test_a_server_with_nothing_before_a_text_is_named_with_the_option(here, saved, tmp_path, capsys):
    one = load_specialist(saved / "sea")
    (tmp_path / "text.txt").write_text("tide")
    with CompletionsServer(one.model, one.tokenizer) as serving:
        line = ["--specialist", str(saved / "land"), "--specialist", f"far={serving.url}"]
        for command in (["generate"], ["evaluate", "--text", "text.txt"]):
            assert main([*command, *line]) == 2
            assert f"--start: far at {serving.url} needs something" in capsys.readouterr().err.splitlines()[-1]


CUT = {
    KeyboardInterrupt: (130, "interrupt", "stopped by Ctrl-C"),
    ConnectionError("http://h: nobody answers"): (2, "error", "http://h: nobody answers"),
    ValueError("http://h: sent nan"): (2, "error", "http://h: sent nan"),
    RuntimeError("out of memory"): (1, "error", "RuntimeError: out of memory"),
}


@pytest.mark.parametrize(("error", "expected"), CUT.items(), ids=["ctrl-c", "connection", "answer", "another"])
@pytest.mark.parametrize("colour", ["never", "always"])
def test_what_was_drawn_before_it_was_cut_off_is_written(here, error, expected, colour, tmp_path, capsys, monkeypatch):
    from mixlib.federation.generation import Drawing

    def step(self, whole=Drawing._step):
        if len(self.steps) == 5:
            raise error
        return whole(self)

    line = [*here, "--tokens", "9", "--no-table", "--color", colour]
    files = ["--json", "out.json", "--html", "out.html", "--trace", "out.jsonl"]
    assert main(["generate", *line[:-5], "--tokens", "5", *line[-3:]]) == 0
    shown = capsys.readouterr().out
    monkeypatch.setattr(Drawing, "_step", step)
    if expected[0] == 1:  # as Python ends with a traceback
        with pytest.raises(type(error), match=str(error)):
            main(["generate", *line, *files])
    else:
        assert main(["generate", *line, *files]) == expected[0]
    out, err = capsys.readouterr()
    assert out == shown.replace("ended by length", f"ended by {expected[1]}")
    assert err.splitlines()[-1] == f"mixlib generate: ended early, after 5 of 9 tokens: {expected[2]}"
    record = json.loads((tmp_path / "out.json").read_text())
    assert (len(record["tokens"]), record["ended"], record["error"]) == (5, *expected[1:])
    assert check_trace(tmp_path / "out.jsonl").lines == 5
    page = (tmp_path / "out.html").read_text(encoding="utf-8")
    assert f"The text ended early, after 5 of 9 tokens: {expected[2]}." in page
    monkeypatch.setattr(
        Drawing, "_step", lambda self: step(self) if self.steps else (_ for _ in ()).throw(OSError("no"))
    )
    assert main(["generate", *line, *files, "--force"]) == 2  # nothing was drawn, so nothing is written
    assert json.loads((tmp_path / "out.json").read_text()) == record


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ([], {"combiner": "fixed-share", "switching rate": "0.05", "weights at the start": "0.5 each"}),
        (["--weights", ".3", ".7"], {"combiner": "mixture", "weights": "sea 0.3, land 0.7"}),
        (["--combiner", "router"], {"asked at least": "1", "doubt": "0.05", "switching rate": "0.01"}),
        (["--combiner", "entropy-weights"], {"entropy temperature": "1"}),
        (["--combiner", "bayes-posterior", "--weights", ".2", ".8"], {"weights at the start": "sea 0.2, land 0.8"}),
        (["--combiner", "em-weights", "--fit", "fit.txt"], {"weights": None}),
        (["--combiner", "learned-gate", "--fit", "fit.txt"], {"coefficients": None, "bias": None}),
    ],
    ids=lambda value: value[1] if isinstance(value, list) and value else "",
)
def test_the_page_says_the_pool_and_its_parameters(here, line, said, tmp_path, capsys):
    from bs4 import BeautifulSoup

    (tmp_path / "fit.txt").write_text(" ".join(SEA + LAND[:1]))
    assert main(["generate", *here, "--tokens", "2", "--html", "out.html", *line]) == 0
    page = BeautifulSoup((tmp_path / "out.html").read_text(encoding="utf-8"), "html.parser")
    shown = {name.text: name.find_next("dd").text for name in page.select("dt")}
    for name, value in said.items():
        assert shown[name] == value or (value is None and shown[name])
    assert "weights" in said or "weights" not in shown


def test_a_page_of_too_many_tokens_is_refused_before_anything_is_loaded(here, capsys):
    assert main(["generate", *here, "--html", "out.html", "--tokens", "2001"]) == 2
    assert "loaded" not in capsys.readouterr().err


def test_in_colour_a_character_that_is_cut_off_shows_at_the_end(saved, capsys):
    from argparse import Namespace

    from mixlib.cli._shared.generation_text import Shown
    from mixlib.federation.generation import Drawing

    one = load_specialist(saved / "sea")
    begun = one.tokenizer.encode("é").ids[0]
    options = {"combiner": None, "weights": None, "temperature": 1, "top_k": None, "top_p": 1, "rng": 0}
    drawing = Drawing({"sea": one.model, "again": one.model}, [], **options)
    drawing.run(1)
    step = drawing.steps[0]._replace(token=begun)
    drawing.steps[0] = step
    shown = Shown(Namespace(json=None, color="always", table=False), one.tokenizer, ("sea", "again"), "", [])
    shown.add(step)
    assert "\ufffd" not in capsys.readouterr().out
    shown.finish(drawing.result("length"), ["\ufffd"])
    assert capsys.readouterr().out.startswith(coloured("\ufffd", 0) + "\n")
