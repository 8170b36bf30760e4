"""The Gaussian sweeps in torch, for an accelerator: the same keys and tasks, blocks as large as it can take."""

from functools import cached_property

import numpy as np
import torch

from mixlib.information.result import NOTHING
from mixlib.information.sweeps.base import Block, GaussianEngine, Lexicographic, cut
from mixlib.information.sweeps.elimination import eliminate
from mixlib.information.sweeps.selection import empty_profile, merge_best
from mixlib.information.sweeps.subsets import LARGEST, unrank
from mixlib.information.sweeps.tree import GaussianTree

FORKED = 22  # variables forked within a block: takes about a gigabyte
BLOCK = 2**20  # subsets of a few orders at a time


class _OnDevice(GaussianEngine):
    """What both share: values stay on the device but for the best of them."""

    small = False  # the device was asked for

    def __init__(self, *arguments, device, **names):
        super().__init__(*arguments, **names)
        try:
            self.device = torch.empty(0, device=device).device
        except (RuntimeError, AssertionError) as error:
            raise ValueError(f"device: {device!r} is not to be had here: {str(error).splitlines()[0]}") from None

    def quick_blocks(self, task, with_tc=False):
        for first, levels, shift, omega, tc in self.device_blocks(task, with_tc):
            yield Block(first, levels.cpu().numpy(), shift, omega.cpu().numpy(), tc.cpu().numpy() if with_tc else None)

    def best(self, task, top):
        if self.dependent.possible:
            return super().best(task, top)
        keys, values = np.full((2, top), LARGEST), np.full((2, top), np.inf)
        profile = empty_profile(self.lowest, self.highest)
        for first, levels, shift, omega, _ in self.device_blocks(task):
            self._add_profile(levels + (shift - self.lowest), omega, profile)
            for side, sign in enumerate((1, -1)):
                signed = torch.nan_to_num(sign * omega, nan=torch.inf)
                worst = signed.kthvalue(min(top, len(signed))).values.item()
                places = torch.nonzero(signed <= min(worst, values[side, -1]))[:, 0]
                found = signed[places].cpu().numpy()
                all_keys = np.concatenate(
                    [keys[side], np.where(np.isfinite(found), first + places.cpu().numpy(), LARGEST)]
                )
                keys[side], values[side] = merge_best(all_keys, np.concatenate([values[side], found]), top)
        return {"keys": keys, "values": values, "profile": profile}

    def _add_profile(self, rows, omega, profile):
        there = ~torch.isnan(omega)
        rows, omega = rows[there].long(), omega[there]
        size = len(profile)
        for column, values in enumerate((torch.ones_like(omega), (omega < -NOTHING).double(), omega, omega**2)):
            profile[:, column] += torch.bincount(rows, weights=values, minlength=size).cpu().numpy()
        for column, how, join in ((4, "amin", np.minimum), (5, "amax", np.maximum)):
            extreme = torch.tensor(profile[:, column], device=self.device)
            profile[:, column] = join(profile[:, column], extreme.scatter_reduce(0, rows, omega, how).cpu().numpy())

    def _constants(self):
        return (torch.tensor(bias, device=self.device) for bias in (self.omega_bias, self.tc_bias))


class TreeOnDevice(_OnDevice, GaussianTree):
    """As :class:`GaussianTree`, each level of the tree in a few operations over all its matrices."""

    def __init__(self, *arguments, **names):
        super().__init__(*arguments, **names)
        self.forked = min(FORKED, self.n)

    @cached_property
    def tasks(self):
        return cut(1 << (self.n - self.forked), 1)

    def device_blocks(self, task, with_tc=False):
        size = 1 << self.forked
        bits = torch.arange(size, device=self.device)
        levels = sum((bits >> i & 1 for i in range(self.forked)), torch.zeros_like(bits))
        omega_bias, tc_bias = self._constants()
        for high in range(*task):
            chosen = np.flatnonzero(high >> np.arange(self.n - self.forked) & 1) + self.forked
            shift = len(chosen)
            if shift > self.highest or shift + self.forked < self.lowest:
                continue
            log_det, log_dets, log_precisions = self._fork(chosen)
            without = torch.zeros_like(log_dets)
            for i in range(self.forked):
                pairs = (-1, 2, 1 << i)
                without.view(pairs)[:, 1] += log_dets.view(pairs)[:, 0]
            order = torch.clamp(levels + shift, max=self.n)
            omega = ((levels - 2) * log_dets - without - log_precisions) / 2 - log_det - omega_bias[order]
            tc = -(log_det + log_dets) / 2 - tc_bias[order] if with_tc else None
            yield high * size, levels, shift, omega, tc

    def _fork(self, chosen):
        """Log-determinant of ``chosen``; relative ones of all masks; and the sum of the chosen's log-precisions."""
        variables = np.concatenate([chosen, np.arange(self.forked)])
        count, n = len(chosen), len(variables)
        residual = self.correlation[np.ix_(variables, variables)]
        weights, precisions = np.zeros((count, n)), np.zeros(count)
        log_det = eliminate(residual, weights, precisions, count)
        upper = np.triu_indices(self.forked)
        matrices = torch.tensor(residual[count:, count:][upper][:, None], device=self.device)
        weights = torch.tensor(weights[:, count:, None], device=self.device)
        precisions = torch.tensor(precisions[:, None], device=self.device)
        dets = torch.ones(1, dtype=torch.float64, device=self.device)
        for left in range(self.forked, 0, -1):
            first, rest = matrices[:left], matrices[left:]
            pivot, slope = first[0], first[1:] / first[0]
            r, c = torch.triu_indices(left - 1, left - 1, device=self.device)
            matrices = torch.cat([rest, rest - first[1:][r] * slope[c]], dim=1)
            dets = torch.cat([dets, dets * pivot])
            now, later = weights[:, 0], weights[:, 1:]
            precisions = torch.cat([precisions, precisions + now**2 / pivot], dim=1)
            weights = torch.cat([later, later - now[:, None] * slope], dim=2)
        return log_det, torch.log(dets), torch.log(precisions).sum(dim=0)


class SubsetsOnDevice(Lexicographic, _OnDevice):
    """A few orders, in lexicographic order: every subset eliminated on its own, a run of them side by side."""

    @cached_property
    def tasks(self):
        return cut(self.n_subsets, BLOCK)

    def device_blocks(self, task, with_tc=False):
        omega_bias, tc_bias = self._constants()
        for order, start, end in self.runs(task):
            for first in range(start, end, BLOCK):
                keys = torch.arange(first, min(first + BLOCK, end), device=self.device)
                omega, tc = self._eliminate(unrank(keys - self.first_keys[order], self.n, order))
                levels = torch.zeros(len(keys), dtype=torch.uint8, device=self.device)
                yield first, levels, order, omega - omega_bias[order], tc - tc_bias[order] if with_tc else None

    def _eliminate(self, subsets):
        """Omega and TC of subsets (m, k), an entry of all their matrices at a time, as ``eliminate`` does it."""
        correlation = torch.tensor(self.correlation, device=self.device)
        order = subsets.shape[1]
        entries = {(r, c): correlation[subsets[:, r], subsets[:, c]] for r in range(order) for c in range(r, order)}
        weights, precisions, log_det = {}, [], 0.0
        for pivot in range(order):
            variance, after = entries[pivot, pivot], range(pivot + 1, order)
            log_det = log_det + torch.log(variance)
            weights |= {(pivot, c): entries[pivot, c] / variance for c in after}
            for earlier in range(pivot):
                share = weights[earlier, pivot]
                precisions[earlier] = precisions[earlier] + share**2 / variance
                weights |= {(earlier, c): weights[earlier, c] - share * weights[pivot, c] for c in after}
            precisions.append(1 / variance)
            entries |= {
                (r, c): entries[r, c] - entries[pivot, r] * weights[pivot, c] for r in after for c in range(r, order)
            }
        return -log_det - sum(torch.log(precision) for precision in precisions) / 2, -log_det / 2
