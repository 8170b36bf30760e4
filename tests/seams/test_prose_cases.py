"""What is prose, case by case, as CommonMark, MyST and people have it."""

import pytest

from mixlib.seams import prose_of, read_prose


@pytest.mark.parametrize(
    ("markdown", "words"),
    [
        ("---\na: hidden\n...\nkelp", "kelp"),  # YAML may end by dots
        ("salt &amp; rice &eacute;", "salt & rice é"),
        ("{abbr}`MSG` and {term}`umami` {ref}`hidden`", "MSG and umami"),
        (":::{note}\nkelp\nbroth", "kelp broth"),  # never closes
        (":::{tip} Fish\n:class: hidden\n:name: hidden\nkelp\n:::\nsalt", "Fish kelp salt"),
        (":::{warning}\nkelp\n~~~\nhidden\n~~~\nsalt\n:::", "kelp salt"),
        ("::::{important}\n:::{figure} hidden\nhidden\n:::\nkelp\n::::", "kelp"),
        ("```{dropdown} More\nkelp\n```", "More kelp"),
        ("```{epigraph}\nkelp\n```\n```{margin}\nsalt\n```", "kelp salt"),
        ("from $5-$6 a fish", "from $5-$6 a fish"),
        ("of $x$ and \\(hidden\\) or \\[hidden\\] kelp", "of and or kelp"),
        ("\\begin{align*}\nhidden\n\\end{align*}\nkelp", "kelp"),
        ("<style>hidden</style><script>hidden</script>kelp", "kelp"),
        ("ftp://hidden.org mailto:hidden@hidden.org file:///hidden kelp", "kelp"),
        ("~~~ a `hidden`\nhidden\n~~~\nkelp", "kelp"),  # a tilde fence may have backticks in its first line
        ("```hidden```\nkelp", "kelp"),  # a code span alone on its line opens no fence
        ("> ```\n> hidden\n> ```\n> kelp", "> kelp"),
    ],
)
def test_what_is_read(markdown, words):
    assert prose_of(markdown).split() == words.split()


@pytest.mark.parametrize("ending", [".md", ".markdown", ".mdown", ".myst", ".qmd", ".rmd", ".MD", ".Rmd"])
def test_endings_of_markdown(tmp_path, ending):
    path = tmp_path / f"a{ending}"
    path.write_text("kelp `hidden`")
    assert read_prose(path).split() == ["kelp"]


def test_letters_alone_are_no_word(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("it is 12345 a_b x1y2")
    with pytest.raises(ValueError, match="holds no word"):
        read_prose(path)
