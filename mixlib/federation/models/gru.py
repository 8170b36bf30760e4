"""A small recurrent language model: a specialist that is trained by gradient steps and can go on from another one."""

import copy
import math
from contextlib import contextmanager

import numpy as np
import torch
from torch import nn
from torch.nn.functional import cross_entropy

from mixlib.arrays import as_numpy, seed_of
from mixlib.federation.models.base import ROWS, LanguageModel, check_rows, check_text, regrouped
from mixlib.progress import followed

__all__ = ["GRULanguageModel"]

SCALE = 0.1  # deviation of the initial embedding
WARM_UP = 0.05  # of the steps: the learning rate rises over them, and falls to 0 over the others
CLIP = 1.0  # norm of the gradient
TOGETHER = 32  # short documents that are read at once
IGNORED = -100  # target of a place in a batch behind the end of its document


class GRULanguageModel(LanguageModel, nn.Module):
    r"""GRU language model: a gated recurrent network over an embedding that also reads out the next token.

    .. math:: h_t = \mathrm{GRU}(h_{t-1}, E_{x_{t-1}}), \qquad p(x_t = v \mid x_{<t}) \propto e^{E_v \cdot h_t + b_v} .

    A document begins with :math:`h_0 = 0` and a start symbol in place of a token, so no history reaches over a
    document's start; within a document it is unlimited.

    Parameters
    ----------
    vocabulary : int
        Number of tokens ``V``.
    width : int, default=128
        Length of embedding and state. Wider learns more and takes longer.
    layers : int, default=1
        GRU layers, one above the other.
    rng : None, int or numpy.random.Generator, default=0
        Seed of the initial weights.

    Raises
    ------
    ValueError
        If ``vocabulary``, ``width`` or ``layers`` is below 1.

    Notes
    -----
    Move it with ``.to(device)``; results come back as NumPy arrays. Source: Cho et al. 2014; the shared embedding:
    Press & Wolf 2017.

    Examples
    --------
    >>> import numpy as np
    >>> from mixlib.federation import GRULanguageModel
    >>> model = GRULanguageModel(vocabulary=3, width=8).fit(np.array([0, 1, 2] * 40), steps=60, batch=4, length=8)
    >>> bool(model.target_log_probs(np.array([0, 1, 2, 0, 1])).mean() > -0.7)  # of three tokens, -1.1 before
    True
    >>> [block.shape for block in model.log_prob_blocks(np.array([0, 1, 2]), rows=2)]
    [(2, 3), (1, 3)]
    >>> model.with_state(model.state_dict()).load_arrays(model.arrays()).settings
    {'vocabulary': 3, 'width': 8, 'layers': 1}
    """

    reference = "cho2014"

    def __init__(self, vocabulary, width=128, layers=1, *, rng=0):
        super().__init__()
        if min(vocabulary, width, layers) < 1:
            raise ValueError(
                f"vocabulary, width, layers: expected each at least 1, got {vocabulary}, {width} and {layers}"
            )
        self.vocabulary, self.width, self.layers = int(vocabulary), int(width), int(layers)
        self.embedding = nn.Embedding(self.vocabulary + 1, width)  # one symbol more than the tokens: a document's start
        self.gru = nn.GRU(width, width, layers, batch_first=True)
        self.bias = nn.Parameter(torch.zeros(self.vocabulary))
        generator = torch.Generator().manual_seed(seed_of(rng))
        with torch.no_grad():
            self.embedding.weight.normal_(0, SCALE, generator=generator)
            for weight in self.gru.parameters():
                weight.uniform_(-1 / math.sqrt(width), 1 / math.sqrt(width), generator=generator)

    def forward(self, inputs, state=None):
        """Logits ``(B, L, V)`` of the tokens that follow ``inputs (B, L)``, and the state to go on from."""
        hidden, state = self.gru(self.embedding(inputs), state)
        return self._logits(hidden), state

    def _logits(self, hidden):
        return hidden @ self.embedding.weight[: self.vocabulary].T + self.bias

    def fit(
        self,
        tokens,
        document_starts=(0,),
        *,
        steps=1000,
        batch=32,
        length=32,
        learning_rate=1e-2,
        rng=0,
        progress=None,
    ):
        """Minimise the mean log-loss of random windows by Adam, starting from the present weights.

        Parameters
        ----------
        tokens : integer array (T,)
            Training text.
        document_starts : sequence of int, default=(0,)
            Positions at which a document begins; no window reaches over one.
        steps : int, default=1000
            Gradient steps; 0 leaves the model as it is.
        batch : int, default=32
            Windows a step.
        length : int, default=32
            Tokens of a window.
        learning_rate : float, default=0.01
            The highest; it rises from 0 and falls to 0.
        rng : None, int or numpy.random.Generator, default=0
            Draws the windows; ``None`` is seed 0.
        progress : None, bool or callable, default=None
            Whether to show a bar on standard error; ``None`` shows it on a terminal, after a second. A callable gets a
            line of text now and then instead.

        Returns
        -------
        GRULanguageModel
            ``self``.

        Raises
        ------
        ValueError
            If the text is ill-posed (see :meth:`log_probs`), ``steps`` is negative, or another setting is not
            positive.
        """
        tokens, starts = check_text(tokens, document_starts, self.vocabulary)
        if steps < 0 or min(batch, length) < 1 or not learning_rate > 0:
            raise ValueError(
                f"steps, batch, length, learning_rate: expected steps of at least 0 and the others positive, got "
                f"{steps}, {batch}, {length} and {learning_rate}"
            )
        windows = Windows(tokens, starts, self.vocabulary, length, self.device)
        generator = torch.Generator().manual_seed(seed_of(rng))
        optimizer = torch.optim.Adam(self.parameters(), fused=True)
        with one_thread():
            self._descend(optimizer, windows, generator, steps, batch, learning_rate, progress)
        return self

    def _descend(self, optimizer, windows, generator, steps, batch, learning_rate, progress):
        n = len(windows.targets)
        for step in followed(range(steps), progress, "training"):
            for group in optimizer.param_groups:
                group["lr"] = learning_rate * min((step + 1) / (WARM_UP * steps), (steps - step) / steps)
            inputs, targets = windows.at(torch.randint(n, (batch,), generator=generator))
            logits, _ = self(inputs)
            loss = cross_entropy(logits.flatten(0, 1), targets.flatten(), ignore_index=IGNORED)
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(self.parameters(), CLIP)
            optimizer.step()

    def log_prob_blocks(self, tokens, document_starts=(0,), rows=ROWS):
        """Yield the rows of :meth:`log_probs` in blocks of ``rows``; the last may be shorter."""
        check_rows(rows)
        tokens, starts = check_text(tokens, document_starts, self.vocabulary)
        yield from regrouped(self._pieces(tokens, starts, rows), rows)

    @property
    def settings(self):
        """What the constructor needs to make a model of this shape."""
        return {"vocabulary": self.vocabulary, "width": self.width, "layers": self.layers}

    def arrays(self):
        """The weights as NumPy arrays, by name."""
        return {name: as_numpy(weight).copy() for name, weight in self.state_dict().items()}

    def load_arrays(self, arrays):
        """Take over the weights that :meth:`arrays` gave; returns ``self``."""
        self.load_state_dict({name: torch.from_numpy(values) for name, values in arrays.items()})
        return self

    def with_state(self, state):
        """A copy with the weights ``state``, a dict of tensors as ``state_dict()`` gives it."""
        other = copy.deepcopy(self)
        other.load_state_dict(state)
        return other

    @property
    def device(self):
        """Where the weights are."""
        return self.bias.device

    def _pieces(self, tokens, starts, rows):
        """Rows of one document after another; short ones go through the recurrence side by side."""
        inputs = torch.from_numpy(_before(tokens, starts, self.vocabulary)).to(self.device)
        for documents in _side_by_side(torch.tensor_split(inputs, starts[1:].tolist()), rows):
            state = None
            for low in range(0, max(map(len, documents)), rows):  # more than once for a long one, which is alone
                with torch.inference_mode(), one_thread():
                    padded = nn.utils.rnn.pad_sequence([d[low : low + rows] for d in documents], batch_first=True)
                    hidden, state = self.gru(self.embedding(padded), state)
                for states, document in zip(hidden, documents, strict=True):
                    with torch.inference_mode(), one_thread():
                        logits = self._logits(states[: len(document) - low])
                        piece = torch.log_softmax(logits.float(), dim=-1).cpu().numpy()
                    yield piece  # outside: whoever asks for pieces must not find torch in another mode


def _side_by_side(documents, rows):
    """Lists of successive documents: up to 32 that have no more than ``rows`` tokens, or a single longer one."""
    waiting = []
    for document in documents:
        if waiting and (len(waiting) == TOGETHER or max(len(document), len(waiting[-1])) > rows):
            yield waiting
            waiting = []
        waiting.append(document)
    yield waiting


@contextmanager
def one_thread():
    """Compute on one CPU thread inside: more do not help networks this small, and sums would depend on their number."""
    threads = torch.get_num_threads()
    if threads > 1:
        torch.set_num_threads(1)
    try:
        yield
    finally:
        if threads > 1:
            torch.set_num_threads(threads)


class Windows:
    """Windows of a text that end with their document: what stands before each token, and the token."""

    def __init__(self, tokens, starts, vocabulary, length, device):
        self.targets = torch.from_numpy(tokens).to(device)
        self.inputs = torch.from_numpy(_before(tokens, starts, vocabulary)).to(device)
        ends = np.append(starts[1:], len(tokens))
        self.ends = torch.from_numpy(np.repeat(ends, np.diff(starts, append=len(tokens)))).to(device)
        self.ahead = torch.arange(length, device=device)

    def at(self, where):
        """Inputs and targets ``(B, L)`` from the positions ``where (B,)`` on."""
        where = where.to(self.ends.device)
        places = where[:, None] + self.ahead
        inside = places < self.ends[where][:, None]
        places = places.clamp(max=len(self.targets) - 1)
        return self.inputs[places], torch.where(inside, self.targets[places], IGNORED)


def _before(tokens, starts, start_symbol):
    """The token before each token, ``start_symbol`` at the start of a document."""
    before = np.concatenate([tokens[:1], tokens[:-1]])
    before[starts] = start_symbol
    return before
