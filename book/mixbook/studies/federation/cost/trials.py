"""Small runs with real processes: what a call sends, and what the others have when a rank is killed."""

import os
import signal
import time
import warnings

import numpy as np
import pandas as pd

from mixlib.federation.distributed.launching import launch
from mixlib.federation.distributed.mixture import DistributedMixture
from mixlib.federation.distributed.traffic import tcp_bytes_sent

METHODS = ("combine", "target_log_prob", "attribute")


def bytes_sent(logits, targets):
    """Bytes that one rank sends in one call of each method, with one process a specialist.

    Parameters
    ----------
    logits : array (N, T, V)
    targets : integer array (T,)

    Returns
    -------
    pandas.DataFrame
        One row a method: ``counted`` as payload by the ring algorithms, and ``in the sockets`` as the kernel counted,
        with the messages' frames; the mean over ranks, NaN where the kernel does not tell.
    """
    rows = {}
    for method in METHODS:
        counts = launch(_account, len(logits), method, logits, targets)
        rows[method] = np.mean(np.array(_sound(counts), dtype=float), axis=0)
    return pd.DataFrame.from_dict(rows, orient="index", columns=["counted", "in the sockets"])


def one_killed(logits, targets, victim, calls=4, timeout=2.0):
    """What a survivor has of each call when rank ``victim`` is killed (SIGKILL) before it makes the last but one.

    Returns
    -------
    list of DistributedAttribution
    """
    outcomes = launch(_until_killed, len(logits), logits, targets, victim, calls, timeout)
    return _sound(outcomes[:victim] + outcomes[victim + 1 :])[0]


def _account(rank, method, logits, targets):
    mixture = DistributedMixture()
    arguments = (logits[rank],) if method == "combine" else (logits[rank], targets)
    mixture.target_log_prob(logits[rank][:0], targets[:0])  # so that connecting is not counted
    counted, seen = mixture.bytes_sent, tcp_bytes_sent()
    getattr(mixture, method)(*arguments)
    time.sleep(0.2)  # what is on its way is sent
    after = tcp_bytes_sent()
    sent = mixture.bytes_sent - counted, np.nan if seen is None else after - seen
    mixture.target_log_prob(logits[rank][:0], targets[:0])  # who ends closes everybody's connections
    return sent


def _until_killed(rank, logits, targets, victim, calls, timeout):
    mixture = DistributedMixture(timeout=timeout, on_failure="renormalise")
    audits = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the audits say it
        for call in range(calls):
            if (rank, call) == (victim, calls - 2):
                os.kill(os.getpid(), signal.SIGKILL)
            audits.append(mixture.attribute(logits[rank], targets, begin=call * len(targets)))
    return audits


def _sound(outcomes):
    for outcome in outcomes:
        if isinstance(outcome, Exception):
            raise outcome
    return outcomes
