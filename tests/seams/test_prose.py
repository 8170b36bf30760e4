"""What is read of a page: its prose, and nothing of what is no prose."""

import json

import pytest

from mixlib.seams import prose_of, read_prose

PAGE = """---
title: front matter is hidden
---
(a-target)=
# Dashi

% a comment of MyST
Kelp gives {term}`glutamate`, see {doc}`the fish <../fish>` and {doc}`../hidden`; {num}`hidden:.2f` of $hiddenmath$.
<!-- hidden
comment --> A [link](hidden.md "hidden") and [another][hidden], ![hidden](hidden.png), <https://hidden.org/a>,
https://hidden.org and `hidden`, ``hidden ` hidden``. <em class="hidden">Stress</em> &amp; [mark]{.hidden}.

```{code-cell} ipython3
hidden = 1
```

````{figure} hidden.png
```
hidden
```
hidden
````

:::{note} Careful
:class: hidden
Broth, and below it code:
```
hidden
```
:::

| part | how |
|---|---|
| bonito | dried |

$$
hidden
$$

[hidden]: https://hidden.org

    indented
Costs $5 here and $6 there.
~~~ hidden
hidden, to the end
"""


def test_the_prose_of_a_page():
    read = prose_of(PAGE)
    assert "hidden" not in read.lower()
    for word in ("Dashi", "glutamate", "the fish", "link", "another", "Stress", "&", "mark", "Careful", "Broth"):
        assert word in read, word
    for word in ("bonito", "dried", "Costs $5 here and $6 there."):
        assert word in read, word


def test_windows_lines_and_a_mark_at_the_beginning(tmp_path):
    path = tmp_path / "a.md"
    path.write_bytes("\ufeff---\r\na: hidden\r\n---\r\n```\r\nhidden\r\n```\r\nkelp\r\n".encode())
    assert read_prose(path).split() == ["kelp"]


def test_of_a_notebook_the_markdown_is_read(tmp_path):
    cells = [
        {"cell_type": "markdown", "source": ["# Kelp\n", "and `hidden` fish"]},
        {"cell_type": "code", "source": "hidden = 1", "outputs": []},
        {"cell_type": "markdown", "source": "broth"},
    ]
    path = tmp_path / "a.ipynb"
    path.write_text(json.dumps({"cells": cells, "nbformat": 4}))
    assert read_prose(path).split() == ["#", "Kelp", "and", "fish", "broth"]


def test_plain_text_stays_as_it_is(tmp_path):
    path = tmp_path / "notes.txt"
    path.write_text("```\nkelp $u$ `v`\n```")
    assert read_prose(path) == "```\nkelp $u$ `v`\n```"


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.txt", b"kelp \xff", "byte 5 is no UTF-8; save the file in UTF-8"),
        ("a.png", b"abc\0def", "is no text file"),
        ("a.pdf", b"%PDF-1.7 kelp", "is no text file"),
        ("b.txt", "kelp".encode("utf-16"), "is in UTF-16; save it in UTF-8"),
        ("c.txt", b" \n", "is empty"),
        ("d.txt", b"a, b", "holds no word of three letters;"),
        ("a.md", b"```\nkelp\n```\n", "holds no word of three letters outside of code"),
        ("a.ipynb", b"{}", "is no notebook of format 4"),
        ("b.ipynb", b"not json", "is no notebook of format 4"),
    ],
)
def test_what_cannot_be_read_is_told_with_its_name(tmp_path, name, content, said):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(ValueError, match=f"{name}: {said}"):
        read_prose(path)
