"""What each token adds to a text: one that is part of a character adds nothing, and its last part all of it."""

__all__ = []  # for the modules of this library

CONTEXT = 8  # tokens before one, by which its text is told: some drop the space that begins a text


class Pieces:
    """The text of tokens as they come, after a prompt of some."""

    def __init__(self, tokenizer, prompt=()):
        self.tokenizer, self.context, self.waiting = tokenizer, [int(token) for token in prompt[-CONTEXT:]], []

    def add(self, token):
        """What ``token`` adds; nothing while a character is not whole."""
        self.waiting.append(int(token))
        piece = self.rest()
        if piece.endswith("\ufffd"):
            return ""
        self.context, self.waiting = [*self.context, *self.waiting][-CONTEXT:], []
        return piece

    def rest(self):
        """What the tokens add that are no whole character yet, with a replacement sign for it; empty if none wait."""
        return self._text([*self.context, *self.waiting])[len(self._text(self.context)) :]

    def _text(self, tokens):
        return self.tokenizer.decode(tokens, skip_special_tokens=False)


def pieces_along(tokenizer, tokens, prompt=()):
    """What each of ``tokens`` adds to the text of ``prompt``; the last also what is no whole character."""
    text = Pieces(tokenizer, prompt)
    pieces = [text.add(token) for token in tokens]
    return [*pieces[:-1], pieces[-1] + text.rest()] if pieces else []
