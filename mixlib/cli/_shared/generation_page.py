"""The page of ``mixlib generate --html``: the text as a glass box, who carried how much, and how it was made."""

from mixlib.cli._shared.environment import environment
from mixlib.web import page as web
from mixlib.web.glass import MOST_SPECIALISTS, MOST_TOKENS, glass_box


def check_size(specialists, tokens):
    """Raise a ValueError if a glass box cannot show as much."""
    if specialists > MOST_SPECIALISTS or tokens > MOST_TOKENS:
        raise ValueError(
            f"--html: a page shows at most {MOST_SPECIALISTS} specialists and {MOST_TOKENS:,} tokens, got "
            f"{specialists} and {tokens:,}; use --json"
        )


def generation_page(record, made, pieces):
    """The page as HTML, of what the command writes as JSON, the :class:`Generation` and the texts of its tokens."""
    settings, means = record["settings"], record["mean_shares"]
    parts = []
    if len(pieces):
        shares = ", ".join(f"{name} {mean:.0%}" for name, mean in means.items())
        parts.append(web.answer(f"{len(pieces)} tokens, ended by {made.ended}. Share of each specialist: {shares}."))
        box = glass_box(
            made.attribution,
            pieces,
            caption="The prompt is grey. Every token is tinted and underlined for the specialist with the largest "
            "share in it; a stronger tint is a larger share. The slider or a click shows the account of one.",
            prompt=record["prompt"],
            bounds=None if made.exact else (made.least, made.most),
        )
        parts.append(box._repr_html_())
        parts.append(
            web.paragraph(
                "A share is the posterior of who said the token: weight times probability, over the sum of these. "
                "Temperature, top-k and top-p change which tokens are drawn, not their shares."
            )
        )
    else:
        parts.append(web.answer("No token was asked for."))
    if "error" in record:
        of = f"{len(pieces):,} of {settings['tokens']:,} tokens"
        parts.append(web.paragraph(f"The text ended early, after {of}: {record['error']}."))
    if not made.exact:
        parts.append(
            web.paragraph(
                "Some specialists send only their most probable tokens. Where they did not send the token that was "
                "drawn, its share is an estimate, followed by the least and the most that it can be."
            )
        )
    where = {name: about.get("path", "trained for this text") for name, about in settings["specialists"].items()}
    kinds = {name: f"{about['kind']}, {where[name]}" for name, about in settings["specialists"].items()}
    drawn = {
        "combiner": settings["combiner"],
        **{name.replace("_", " "): _in_words(value) for name, value in settings["parameters"].items()},
        "seed": settings["seed"],
        "temperature": settings["temperature"],
        "top-k": settings["top_k"] or "all tokens",
        "top-p": settings["top_p"],
        "stop": ", ".join(map(repr, settings["stop"])) or "nothing",
    }
    parts += [web.heading("Specialists"), web.settings(kinds)]
    parts += [web.heading("How it was drawn"), web.settings(drawn)]
    parts += [web.heading("Environment"), web.settings(environment())]
    parts.append(web.foot("Made by mixlib generate. This page is one file; it loads nothing."))
    styles, scripts = ("page.css", "glass-box.css"), ("glass-box.js",)
    return web.page("A text from a mixture", parts, styles=styles, scripts=scripts)


def _in_words(value):
    """A parameter of the pool: a number, one a specialist, or several."""
    if isinstance(value, dict):
        if len(set(value.values())) == 1:
            return f"{next(iter(value.values())):.3g} each"
        return ", ".join(f"{name} {number:.3g}" for name, number in value.items())
    return ", ".join(f"{number:.3g}" for number in value) if isinstance(value, list) else f"{value:g}"
