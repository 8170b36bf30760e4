"""Extraction from what is installed, the reader's own files, splitting, and text that cannot serve."""

import contextlib
import io
import re
import shutil
import tokenize

import numpy as np
import pytest

from mixlib.federation import Document, from_files, installed, split
from mixlib.federation.text.corpora import LONGEST, SHORTEST, excerpt
from mixlib.federation.text.installed_sources import readers


@pytest.fixture(scope="module")
def small():
    return installed(characters=120_000)


def test_installed_text_is_of_its_domain(small):
    assert list(small) == ["prose", "python", "c++"]
    for domain, documents in small.items():
        assert sum(len(d.text) for d in documents) >= 120_000
        assert all(SHORTEST <= len(d.text) <= LONGEST + 1 for d in documents)
        assert len({d.text for d in documents}) == len(documents)
        assert all(d.domain == domain for d in documents)
    prose, python, cpp = ("".join(d.text for d in ds) for ds in small.values())
    assert len(re.findall(r"\b(the|of|is|a|to)\b", prose)) > 0.1 * len(prose.split())
    assert python.count("def ") > 50
    assert not any(token.type == tokenize.COMMENT for d in small["python"] for token in _tokens(d.text))
    assert cpp.count("namespace") > 20
    assert not re.search(r"^\s*//", cpp, re.MULTILINE)


def _tokens(text):
    with contextlib.suppress(tokenize.TokenError, SyntaxError):  # a long file is cut, anywhere
        yield from tokenize.generate_tokens(io.StringIO(text).readline)


def test_installed_text_is_the_same_every_time(small):
    assert installed(characters=120_000) == small
    assert installed(characters=120_000, rng=1) != small


def test_comments_and_docstrings_go_and_strings_stay(monkeypatch, tmp_path):
    (tmp_path / "a.py").write_text(
        '"""Module text."""\nurl = "http://x#y"  # why\n\ndef f():\n    r"""Doc "quoted" text.\n\n    More.\n    """\n'
        "    return '''kept'''\n" + "x = 1\n" * SHORTEST
    )
    monkeypatch.setattr("sysconfig.get_path", lambda name: str(tmp_path))
    text = next(readers()["python"](np.random.default_rng(0)))[1]
    assert 'url = "http://x#y"\n' in text
    assert "return '''kept'''" in text
    assert "text" not in text
    assert "why" not in text


def test_from_files_reads_folders_files_and_lists(folders):
    text = from_files({"a": folders["sea"], "b": sorted(folders["garden"].iterdir())[:7]})
    assert {d: len(x) for d, x in text.items()} == {"a": 24, "b": 7}
    assert text == from_files({"a": str(folders["sea"]), "b": sorted(folders["garden"].iterdir())[:7]})


def test_a_single_file_is_cut_into_sections(tmp_path, folders):
    whole = "\n\n".join(p.read_text() for p in sorted(folders["sea"].iterdir()))
    (tmp_path / "one.txt").write_text(whole)
    parts = from_files({"a": tmp_path / "one.txt", "b": folders["garden"]})["a"]
    assert len(parts) >= 6
    assert sum(len(d.text.split()) for d in parts) == len(whole.split())


def test_copies_and_hidden_files_are_left_out(tmp_path, folders):
    for i, path in enumerate(sorted(folders["sea"].iterdir())[:8]):
        (tmp_path / f"{i}.txt").write_text(path.read_text())
        (tmp_path / f"copy{i}.txt").write_text(path.read_text())
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "blob").write_bytes(b"\xff\xfe")
    assert len(from_files({"a": tmp_path, "b": folders["garden"]})["a"]) == 8


def test_text_that_cannot_serve_is_named(tmp_path, folders):
    empty = tmp_path / "empty"
    empty.mkdir()
    (tmp_path / "blank.txt").write_text("\n\n")
    (tmp_path / "latin.txt").write_bytes("naïve".encode("latin-1") * 300)
    cases = [
        (tmp_path / "missing", "domains\\['bad'\\]: .*missing does not exist"),
        (empty, "domains\\['bad'\\]: no files in .*empty"),
        (tmp_path / "blank.txt", f"no text of at least {SHORTEST} characters in .*blank.txt"),
        (tmp_path / "latin.txt", "latin.txt: byte 0xef at offset 2 is not UTF-8"),
        ([], "no files in an empty list"),
    ]
    for path, message in cases:
        with pytest.raises(ValueError, match=message):
            from_files({"bad": path, "sea": folders["sea"]})
    with pytest.raises(ValueError, match="got PosixPath; name each domain"):
        from_files(folders["sea"])
    with pytest.raises(ValueError, match="at least 2 to combine, got 1"):
        from_files({"sea": folders["sea"]})


def test_split_is_by_document_and_disjoint(folders):
    text = from_files(folders)
    parts = split(text, held_out=2, rng=0)
    for domain, documents in text.items():
        assert len(parts.reserve[domain]) == 6
        assert sorted(d.source for d in parts.train[domain] + parts.reserve[domain]) == sorted(
            d.source for d in documents
        )
    assert parts == split(text, held_out=2, rng=0)
    assert parts != split(text, held_out=2, rng=1)


def test_a_domain_too_small_to_split_is_named():
    few = [Document("x", str(i), f"text {i}" * 200) for i in range(5)]
    with pytest.raises(ValueError, match=r"corpora\['x'\]: 5 distinct documents .* too few to split"):
        split({"x": few})


def test_excerpts_begin_and_end_at_lines():
    text = "".join(f"line {i}\n" for i in range(500))
    rng = np.random.default_rng(0)
    pieces = [excerpt(text, 100, rng) for _ in range(50)]
    assert all(0 < len(p) <= 100 and p.startswith("line") and p.endswith("\n") for p in pieces)
    assert len(set(pieces)) > 30
    assert excerpt("short", 100, rng) == "short"
    assert excerpt("ab" * 250, 100, rng) == "ab" * 50


def test_pictures_below_a_folder_are_counted_and_left_out(folders, tmp_path):
    copy = {name: shutil.copytree(folder, tmp_path / name) for name, folder in folders.items()}
    expected = from_files(copy)
    for i in range(4):
        (copy["sea"] / f"{i}.png").write_bytes(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(600))
    with pytest.warns(UserWarning, match=r"domains\['sea'\]: 4 files are no text and left out \(.*png and 1 more\)"):
        found = from_files(copy)
    assert {d.text for d in found["sea"]} == {d.text for d in expected["sea"]}
    assert found["garden"] == expected["garden"]
    with pytest.raises(ValueError, match=r"0\.png: is no text but binary data"):
        from_files(copy | {"sea": copy["sea"] / "0.png"})


def test_text_in_another_encoding_is_not_taken_for_binary(folders, tmp_path):
    for i, encoding in enumerate(("latin-1", "utf-16")):
        (tmp_path / f"{i}.txt").write_bytes(("Möwe " * 200).encode(encoding))
        with pytest.raises(ValueError, match=f"{i}\\.txt: byte .* is not UTF-8; convert the file"):
            from_files(dict(folders) | {"birds": tmp_path})
        (tmp_path / f"{i}.txt").unlink()
