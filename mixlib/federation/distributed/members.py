"""The ranks that are still there: exchanges that always end, and a roll call when one of them fails.

A rank that dies resets its connections, and its neighbours learn that *somebody* is gone; a rank that hangs says
nothing. Neither tells who it was. So every rank that sees an exchange fail leaves its name at the store and waits for
the others to do so; who has not come by the deadline is lost. The first to close the list decides for all.
(``torch.distributed.monitored_barrier`` tells rank 0 alone who is missing, nobody if that is rank 0, and not on nccl.)
"""

import threading
import time
from contextlib import suppress
from datetime import timedelta

import torch
import torch.distributed as dist

from mixlib.federation.distributed.traffic import listens_on

__all__ = ["RankFailure"]

LOOK = 0.25  # seconds of waiting after which a rank asks the store, every so often, whether others have failed
TRIES = 3  # failed exchanges in one call after which it is no use to try again, though every rank answers


class RankFailure(RuntimeError):
    """Lost rank: the error on all others when one does not answer.

    Attributes
    ----------
    message : str
        What happened, in words.
    ranks : tuple of int
        Ranks lost; empty if it cannot be told which.
    names : tuple of str
        Their specialists.
    call : int
        The call, counted from 1, in which they were missed.
    seconds : float
        How long this rank waited for them.

    Examples
    --------
    >>> from mixlib.federation import RankFailure
    >>> failure = RankFailure("land did not answer", ranks=(1,), names=("land",), call=3, seconds=2.0)
    >>> failure.names, failure.call
    (('land',), 3)
    """

    def __init__(self, message, ranks, names, call, seconds):
        super().__init__(message, ranks, names, call, seconds)
        self.ranks, self.names, self.call, self.seconds = ranks, names, call, seconds

    def __str__(self):
        return self.args[0]


class Members:
    """Process group with losses: ranks that compute together, and go on without those that are lost.

    Parameters
    ----------
    group : torch.distributed.ProcessGroup
        Its store and its ranks are used. Messages take connections of their own, made anew after a loss.
    name : None or str, default=None
        What this rank is called in messages; ``None`` takes its rank.
    timeout : float, default=30.0
        Seconds after which a rank that does not answer is lost.
    forgive : bool, default=False
        Go on without lost ranks; otherwise :class:`RankFailure` is raised on all others.

    Attributes
    ----------
    rank : int
        Of this process.
    names : tuple of str
        Of all ranks there were at the start.
    present : tuple of int
        The ranks that are left.
    lost : dict of int to str
        The ranks that are gone, and why.
    call : int
        The current call, counted from 1.
    bytes_sent : int
        Payload of all exchanges that this rank took part in, by the usual ring algorithms: an all-reduce of ``b``
        bytes on ``n`` ranks sends ``2 b (n - 1) / n`` from each, an all-gather ``b (n - 1)``.

    Raises
    ------
    RankFailure
        If a rank does not come within ``timeout``.

    Examples
    --------
    >>> import torch
    >>> import torch.distributed as dist
    >>> from mixlib.federation.distributed import Members
    >>> dist.init_process_group("gloo", store=dist.HashStore(), rank=0, world_size=1)
    >>> members = Members(dist.group.WORLD, name="sea")
    >>> members.together(lambda: members.all_reduce(torch.tensor([2.0]), dist.ReduceOp.SUM)), members.who([0])
    (tensor([2.]), "rank 0 ('sea')")
    >>> members.all_gather(torch.tensor([2.0])).shape
    torch.Size([1, 1])
    >>> dist.destroy_process_group()
    """

    _made = 0  # groups of this class so far: every rank makes them in the same order, so they meet under one number

    def __init__(self, group, name=None, timeout=30.0, forgive=False):
        Members._made += 1
        self.rank, self.present, self.timeout, self.forgive = group.rank(), tuple(range(group.size())), timeout, forgive
        self.lost, self.call, self.bytes_sent = {}, 0, 0
        self.names, self._host = tuple(map(str, self.present)), None
        self._kind = dist.get_backend(group)
        self.device = torch.device("cuda", torch.cuda.current_device()) if self._kind == "nccl" else torch.device("cpu")
        self._store = dist.PrefixStore(f"members/{Members._made}", group.get_group_store())
        self._epoch, self._group, self._began, self._over = 0, None, time.monotonic(), None
        self._introduce(str(self.rank) if name is None else str(name))

    def together(self, attempt):
        """Run ``attempt()``, which exchanges numbers, until all who are left have the result of the same ranks.

        An exchange of one number at the end makes sure of that: who is through with it knows that everybody has all
        there is to have. So after a loss either all repeat the call, or none.
        """
        if self._over:
            raise self._over
        self.call += 1
        failures = 0
        while True:
            done = False
            try:
                if self._group is None:
                    self._connect()
                result = attempt()
                done = True
                if self.forgive:
                    self.all_reduce(torch.zeros(1, device=self.device), dist.ReduceOp.SUM)
                return result
            except _Broken as why:
                failures += 1
                again = self._roll_call(done, str(why), failures)
                if not again:
                    return result

    def all_reduce(self, tensor, op):
        """Reduce ``tensor`` over the ranks, in place, and return it."""
        options = dist.AllreduceOptions()
        options.reduceOp = op
        if tensor.numel():
            self._exchange(lambda: self._group.allreduce([tensor], options))
        n = len(self.present)
        self.bytes_sent += 2 * (n - 1) * tensor.numel() * tensor.element_size() // n
        return tensor

    def all_gather(self, tensor):
        """The tensors of all ranks, stacked along a new first axis in the order of ``present``."""
        parts = [torch.empty_like(tensor) for _ in self.present]
        if tensor.numel():
            self._exchange(lambda: self._group.allgather([parts], [tensor]))
        self.bytes_sent += (len(self.present) - 1) * tensor.numel() * tensor.element_size()
        return torch.stack(parts)

    def who(self, ranks):
        """Ranks with their specialists, in words."""
        return ", ".join(f"rank {r} ({self.names[r]!r})" for r in ranks)

    def _exchange(self, begin):
        """Begin an exchange and wait for its end, for half of the timeout; the other half is for the roll call."""
        began = self._began = time.monotonic()
        pause, look = 1e-5, began + LOOK
        try:
            work = begin()
            while not work.is_completed():
                now = time.monotonic()
                if now > began + self.timeout / 2:
                    raise _Broken(f"no answer for {now - began:.1f} s")
                if now > look:
                    if self._ask(self._store.check, [f"{self._epoch}/failed"]):
                        raise _Broken("another rank saw an exchange fail")
                    look = time.monotonic() + LOOK
                time.sleep(pause)
                pause = min(1.25 * pause, 0.02)
            work.wait()
        except RuntimeError as error:
            if isinstance(error, RankFailure):
                raise
            raise _Broken(_brief(error)) from None

    def _connect(self):
        """Connections among those who are present."""
        store = dist.PrefixStore(f"{self._epoch}/group", self._store)
        me, n, patience = self.present.index(self.rank), len(self.present), timedelta(seconds=self.timeout / 2)
        make = dist.ProcessGroupNCCL if self._kind == "nccl" else dist.ProcessGroupGloo
        self._began = time.monotonic()
        try:
            self._group = self._ask(make, store, me, n, patience, seconds=self.timeout / 2 + 1)
        except RuntimeError as error:
            if isinstance(error, RankFailure):
                raise
            raise _Broken(_brief(error)) from None

    def _introduce(self, name):
        """Tell the others this rank's name, and whether it hosts the store; learn theirs."""
        inner = self._store
        while isinstance(inner, dist.PrefixStore):
            inner = inner.underlying_store
        hosts = isinstance(inner, dist.TCPStore) and listens_on(inner.port)
        self._ask(self._store.set, f"name/{self.rank}", f"{int(bool(hosts))}{name}")
        absent = self._wait_for("name", self._began + self.timeout)
        if absent:
            raise self._failure(absent, f"{self.who(absent)}: did not come within {self.timeout:g} s of the start")
        told = [self._ask(self._store.get, f"name/{r}").decode() for r in self.present]
        self.names = tuple(text[1:] for text in told)
        self._host = next((r for r, text in enumerate(told) if text[0] == "1"), None)

    def _roll_call(self, done, why, failures):
        """Who is still there? Returns whether the call is to be repeated."""
        with suppress(RuntimeError):
            if self._group is not None:
                self._group.abort()  # resets the connections, so that whoever waits for this rank learns of it
        self._group = None
        key, set_ = f"{self._epoch}/", self._store.set
        self._ask(set_, f"{key}state/{self.rank}", f"{self.call} {'done' if done else 'open'}")
        self._ask(set_, f"{key}failed", why)
        deadline = max(self._began + self.timeout, time.monotonic() + self.timeout / 2)
        absent = self._wait_for(f"{key}state", deadline, until=f"{key}closed")
        answered = " ".join(str(r) for r in self.present if r not in absent)
        closed = self._ask(self._store.compare_set, f"{key}closed", "", answered)  # the first one counts
        agreed = tuple(int(r) for r in closed.decode().split())
        if self.rank not in agreed:
            text = f"{self.who([self.rank])}: came too late; the others went on without it at call {self.call}"
            raise self._failure((self.rank,), text)
        gone = tuple(r for r in self.present if r not in agreed)
        states = [self._ask(self._store.get, f"{key}state/{r}").decode() for r in agreed]
        self.present, self._epoch = agreed, self._epoch + 1
        self.lost |= dict.fromkeys(gone, why)
        if gone and not self.forgive:
            waited = time.monotonic() - self._began
            raise self._failure(
                gone,
                f"{self.who(gone)}: no answer for {waited:.1f} s at call {self.call} ({why}). Start all ranks again "
                f'from there, or use on_failure="renormalise" to go on with {self.who(agreed)}',
            )
        if not gone and failures >= TRIES:
            raise RuntimeError(
                f"call {self.call}: {failures} exchanges failed, though every rank answers ({why}); "
                f"look at the network between {self.who(agreed)}, or give a longer timeout than {self.timeout:g} s"
            )
        return not done or f"{self.call} open" in states

    def _wait_for(self, key, deadline, until=None):
        """Ranks that have not left ``key/rank`` at the store by the deadline, or when ``until`` appears there."""
        absent = self.present
        while absent:
            absent = tuple(r for r in absent if not self._ask(self._store.check, [f"{key}/{r}"]))
            if time.monotonic() > deadline or (until and self._ask(self._store.check, [until])):
                break
            time.sleep(0.02)
        return absent

    def _ask(self, operation, *args, seconds=None):
        """An operation of the store that ends: a host that is stopped would keep it waiting for good."""
        seconds, answer = seconds or self.timeout / 2, []

        def run():
            try:
                answer.append((True, operation(*args)))
            except Exception as error:
                answer.append((False, error))

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        thread.join(seconds)
        succeeded, value = answer[0] if answer else (False, dist.DistNetworkError(f"no answer for {seconds:.1f} s"))
        if succeeded:
            return value
        if not isinstance(value, dist.DistNetworkError):
            raise value
        gone = () if self._host is None else (self._host,)
        host = self.who(gone) + ", which hosts it," if gone else "The process that hosts it"
        raise self._failure(
            gone,
            f"the store where the ranks meet is lost at call {self.call} ({_brief(value)}). {host} has died, hangs or "
            f"is cut off. Without it the others cannot agree who is left: to outlive any rank, host it outside of "
            f"them, as mixlib.federation.distributed.launch does",
        )

    def _failure(self, ranks, text):
        seconds = time.monotonic() - self._began
        self._over = RankFailure(text, ranks, tuple(self.names[r] for r in ranks), self.call, seconds)
        return self._over


class _Broken(Exception):
    """An exchange that failed, whoever's fault it was."""


def _brief(error):
    lines = str(error).strip().splitlines()
    text = lines[0] if lines else type(error).__name__
    return text.split("] ", 1)[-1].split(". This is")[0].strip() or type(error).__name__
