"""The mixture of specialists that live on different ranks, by all-reduces."""

import warnings
import zlib
from dataclasses import dataclass, fields

import torch
import torch.distributed as dist

from mixlib.federation.audit.attribution import Attribution, attribute_targets
from mixlib.federation.distributed.members import Members
from mixlib.federation.distributed.part import Part, check_rank_weights

__all__ = ["DistributedMixture"]

REFUSED = -1


@dataclass(frozen=True)
class DistributedAttribution(Attribution):
    """An :class:`mixlib.federation.Attribution` of the specialists that were there.

    Attributes
    ----------
    begin : int
        The position of the first one in its document: the records count on from there.
    missing : tuple of str
        Specialists that were lost before; every record names them.
    warning : str
        What was lost since the last attribution; the first record carries it.
    """

    begin: int = 0
    missing: tuple = ()
    warning: str = ""

    def records(self):
        """The records of :class:`mixlib.federation.Attribution`, and ``missing`` and ``warning`` where there is any."""
        for i, record in enumerate(super().records()):
            record["position"] += self.begin
            if self.missing:
                record["missing"] = list(self.missing)
            if self.warning and i == 0:
                record["warning"] = self.warning
            yield record


class DistributedMixture:
    r"""Linear opinion pool of N specialists, one on each rank of a process group.

    With :math:`a_i = \log w_i + \log p_i` on rank ``i``, one all-reduce brings :math:`m = \max_i a_i` and another
    :math:`s = \sum_i e^{a_i - m}` to every rank; the mixture is :math:`m + \log s`. All ranks make the same calls
    in the same order. Half precision is computed in float32; the result has the dtype, kind and device of the input.

    Parameters
    ----------
    weights : None or array (N,), default=None
        Weights on the simplex, the same on every rank; ``None`` means ``1 / N`` each. Every call can bring its own.
    name : None or str, default=None
        This rank's specialist; ``None`` takes its rank.
    group : None or torch.distributed.ProcessGroup, default=None
        ``None`` is the default group. Backend gloo takes tensors of any device, nccl those of its own GPU.
    timeout : float, default=30.0
        Seconds after which a rank that does not answer is lost. Shorter notices a loss sooner. All but the
        slowest wait for the slowest, so it must be longer than one step of any specialist.
    on_failure : {"raise", "renormalise"}, default="raise"
        Whether a lost rank is an error on all others, :class:`RankFailure`, or the others go on with their weights
        divided by their sum. They then warn, ``missing`` names the lost, and so do the records of :meth:`attribute`.

    Raises
    ------
    ValueError
        If there is no process group, or an argument is out of range.
    RankFailure
        If a rank does not come.

    Notes
    -----
    The store of the process group must outlive the ranks that may be lost: if rank 0 hosts it, as it does by default,
    the others cannot go on without rank 0, and say so. :func:`launch` hosts it in the parent.

    Examples
    --------
    >>> import numpy as np
    >>> import torch.distributed as dist
    >>> from mixlib.federation import DistributedMixture
    >>> dist.init_process_group("gloo", store=dist.HashStore(), rank=0, world_size=1)  # torchrun does it for N
    >>> pool, row = DistributedMixture(name="sea"), np.log([[0.9, 0.1]])  # each rank gives its own row
    >>> np.exp(pool.combine(row)).round(3), np.exp(pool.target_log_prob(row, np.array([0]))).round(3)
    (array([[0.9, 0.1]]), array([0.9]))
    >>> pool.attribute(row, np.array([0])).responsibilities
    array([[1.]])
    >>> dist.destroy_process_group()
    """

    def __init__(self, weights=None, *, name=None, group=None, timeout=30.0, on_failure="raise"):
        if not dist.is_initialized():
            raise ValueError("group: there is none; call torch.distributed.init_process_group on every rank first")
        if on_failure not in ("raise", "renormalise"):
            raise ValueError(f"on_failure: got {on_failure!r}; give 'raise' or 'renormalise'")
        if not timeout > 0:
            raise ValueError(f"timeout: expected seconds above 0, got {timeout}")
        self._members = Members(group or dist.group.WORLD, name, timeout, forgive=on_failure == "renormalise")
        self._weights = check_rank_weights(weights, len(self._members.names), (), torch.float64)
        self._told = 0

    @property
    def names(self):
        """Names of the specialists that are there, in the order of their ranks."""
        return tuple(self._members.names[r] for r in self._members.present)

    @property
    def missing(self):
        """Names of the specialists that were lost, in the order in which they were."""
        return tuple(self._members.names[r] for r in self._members.lost)

    @property
    def bytes_sent(self):
        """Payload bytes that this rank has sent so far, as :class:`Members` counts them."""
        return self._members.bytes_sent

    def combine(self, logits, weights=None):
        """Log-probabilities ``(..., V)`` of the mixture, on every rank. Exchanges O(TV) numbers, a chunk at a time.

        Parameters
        ----------
        logits : tensor or array (..., V)
            This rank's own specialist: logits or log-probabilities, each row is normalised.
        weights : None or array (N,) or (N, ...), default=None
            For this call, the same on every rank; ``None`` takes those of the object.

        Raises
        ------
        ValueError
            On every rank, if shapes or weights differ between ranks or any rank's input is ill-posed.
        RankFailure
            If a rank is lost and ``on_failure`` is ``"raise"``.
        """
        return self._call("combine", logits, None, weights, self._combined)

    def target_log_prob(self, logits, targets, weights=None):
        """Log-probabilities ``(...)`` of ``targets (...)`` under the mixture, on every rank. Exchanges O(T) numbers.

        Parameters and errors are as in :meth:`combine`; targets are integers in ``0 .. V - 1``, the same on every rank.
        """
        return self._call("target_log_prob", logits, targets, weights, self._at_targets)

    def attribute(self, logits, targets, weights=None, begin=0):
        """The account of ``targets (...)``, on every rank, as :func:`mixlib.federation.attribute` gives it.

        Every rank sends its O(T) log-probabilities of the targets to all others. Parameters and errors are as in
        :meth:`target_log_prob`, and ``begin`` is the position of the first target in its document.

        Returns
        -------
        DistributedAttribution
        """
        return self._call("attribute", logits, targets, weights, lambda part: self._attributed(part, begin))

    def _call(self, operation, logits, targets, weights, exchange):
        """Prepare this rank's part, let all ranks check that they ask for the same, then exchange."""
        try:
            weights = self._weights if weights is None else weights
            part, refusal = Part(logits, targets, weights, len(self._members.names)), None
            header = [_crc(operation), *part.signature]
        except ValueError as error:
            part, refusal, header = None, error, [REFUSED] * 6

        def attempt():
            mine = torch.tensor([self._members.call, *header], device=self._members.device)
            self._agree(operation, self._members.all_gather(mine).tolist(), refusal)
            return exchange(part)

        known = len(self._members.lost)
        result = self._members.together(attempt)
        if len(self._members.lost) > known:
            warnings.warn(f"call {self._members.call}: {self._loss(known)}", RuntimeWarning, stacklevel=3)
        return result

    def _agree(self, operation, headers, refusal):
        if refusal is not None:
            raise refusal
        present = self._members.present
        refused = [r for r, header in zip(present, headers, strict=True) if header[1] == REFUSED]
        if refused:
            raise ValueError(f"logits: {self._members.who(refused)} refused its input to {operation}; see its message")
        labels = ("the call", "operation", "T", "V", "bytes a number", "weights", "targets")
        for label, values in zip(labels, zip(*headers, strict=True), strict=True):
            if len(set(values)) > 1:
                shown = "different ones" if label in ("operation", "weights", "targets") else values
                raise ValueError(
                    f"logits: {label} must be the same on every rank, got {shown} on {self._members.who(present)}"
                )

    def _combined(self, part):
        out = torch.empty_like(part.rows, dtype=part.wide)
        log_weights = self._log_weights(part)
        for begin in range(0, len(out), part.step):
            rows = slice(begin, begin + part.step)
            shift = log_weights[rows] - part.normaliser[rows]
            out[rows] = self._log_sum_exp(part.rows[rows].to(part.wide) + shift[:, None])
        return part.back(out, (-1,))

    def _at_targets(self, part):
        return part.back(self._log_sum_exp(self._log_weights(part) + part.at_targets()), ())

    def _log_sum_exp(self, terms):
        home = terms.device
        top = self._members.all_reduce(terms.to(self._members.device, copy=True).contiguous(), dist.ReduceOp.MAX)
        top = torch.where(torch.isinf(top), torch.zeros_like(top), top)
        total = torch.exp(terms.to(self._members.device) - top).contiguous()
        return (top + torch.log(self._members.all_reduce(total, dist.ReduceOp.SUM))).to(home)

    def _attributed(self, part, begin):
        given = self._members.all_gather(part.at_targets().to(self._members.device).contiguous()).cpu()
        weights = self._renormalised(part)
        joint = torch.logsumexp(given + torch.log(weights), dim=0)
        given, weights, joint = (
            a.double().numpy().reshape(*a.shape[:-1], *part.shape) for a in (given, weights, joint)
        )
        weights = weights / weights.sum(axis=0)  # to double precision, which attribute_targets computes in
        targets, dtype = part.targets.numpy().reshape(part.shape), str(part.wide).removeprefix("torch.")
        audit = attribute_targets(given, targets, weights, joint, self.names, dtype=dtype)
        told, self._told = self._told, len(self._members.lost)
        warning = f"from position {begin} on {self._loss(told)}" if len(self._members.lost) > told else ""
        inherited = {field.name: getattr(audit, field.name) for field in fields(audit)}
        return DistributedAttribution(**inherited, begin=begin, missing=self.missing, warning=warning)

    def _log_weights(self, part):
        mine = self._members.present.index(self._members.rank)
        return torch.log(self._renormalised(part)[mine]).to(part.rows.device)

    def _renormalised(self, part):
        """Weights ``(n, T)`` of those who are present."""
        weights = part.weights[list(self._members.present)]
        if self._members.lost:
            total = weights.sum(dim=0)
            if (total == 0).any():
                where = int(torch.argmin(total))
                raise ValueError(
                    f"weights: at position {where} all weight is on {', '.join(self.missing)}, which is missing; "
                    f"give every specialist some weight"
                )
            weights = weights / total
        return weights

    def _loss(self, known):
        lost = list(self._members.lost.items())[known:]
        why = "; ".join(f"{self._members.who([rank])}: {reason}" for rank, reason in lost)
        return f"the mixture goes on with {', '.join(self.names)}, without {why}"


def _crc(text):
    return zlib.crc32(text.encode())
