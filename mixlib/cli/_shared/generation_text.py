"""A text of ``mixlib generate`` on the terminal: in colour while it grows, otherwise at its end, with every share."""

import sys
from math import exp

from mixlib.cli._shared.terminal import coloured, harmless, in_a_line, in_colour


class Shown:
    """The text, who carried it and, where asked for, a line a token; nothing where standard output holds the record."""

    def __init__(self, arguments, tokenizer, names, prompt, ids):
        from mixlib.federation.text.pieces import Pieces

        self.names, self.prompt, self.table = names, prompt, arguments.table
        self.silent = arguments.json == "-"
        self.colour = not self.silent and in_colour(sys.stdout, arguments.color)
        self.grown, self.who = Pieces(tokenizer, ids), 0
        if self.colour:
            print(harmless(prompt), end="", flush=True)

    def add(self, step):
        """Show one more token, where the text is shown while it grows."""
        if self.colour:
            self.who = max(range(len(self.names)), key=lambda i: step.weights[i] * exp(step.log_probs[i]))
            print(coloured(self.grown.add(step.token), self.who), end="", flush=True)

    def finish(self, made, pieces):
        """Print what is not shown yet: the text or its last part of a character, the shares, the table."""
        if self.silent:
            return
        print(coloured(self.grown.rest(), self.who) if self.colour else "".join(map(harmless, [self.prompt, *pieces])))
        if not pieces:
            print("\nno token was asked for")
            return
        means = made.shares.mean(axis=1)
        legend = [
            f"{coloured(name, i) if self.colour else name} {mean:.0%}"
            for i, (name, mean) in enumerate(zip(self.names, means, strict=True))
        ]
        exact = "" if made.exact else ", at the estimate of those that send only their top k"
        print(f"\nshare of each: {', '.join(legend)}, over {len(pieces)} tokens{exact}; ended by {made.ended}")
        if self.table or (self.table is None and not self.colour):
            self._table(made, pieces)

    def _table(self, made, pieces):
        width = max([5, *(len(in_a_line(piece)) for piece in pieces)])
        columns = [max(len(name), 5 if made.exact else 12) for name in self.names]
        print("\n" + "token".ljust(width), *(n.rjust(c) for n, c in zip(self.names, columns, strict=True)))
        for t, piece in enumerate(pieces):
            cells = (_share(made, i, t).rjust(column) for i, column in enumerate(columns))
            print(in_a_line(piece).ljust(width), *cells)


def _share(made, i, t):
    if made.exact or made.most[i, t] - made.least[i, t] < 5e-4:
        return f"{made.shares[i, t]:.3f}"
    return f"{made.least[i, t]:.3f}..{made.most[i, t]:.3f}"
