"""What three real processes send, against the kernel's own count, and what they do when one is killed."""

import sys

import numpy as np
import pytest

from mixbook.studies.federation.cost.trials import bytes_sent, one_killed
from ranks import logits

TIMEOUT = 4.0  # a loaded machine must not look like a lost rank


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux tells what a socket has sent")
def test_bytes_are_those_that_the_kernel_counts():
    given, targets = logits(t=2048, v=100)
    found = bytes_sent(given.astype(np.float32), targets)
    all_reduce = 4 * 2 * 2 / 3  # bytes that each of three ranks sends for a number
    expected = {
        "combine": 2 * all_reduce * 2048 * 100,
        "target_log_prob": 2 * all_reduce * 2048,
        "attribute": 4 * 2 * 2048,
    }
    for method, payload in expected.items():
        counted, seen = found.loc[method]
        assert payload <= counted <= payload + 200, method  # and the header
        assert counted <= seen <= 1.02 * counted + 6000, method  # and the messages' frames


def test_a_killed_rank_is_missing_from_then_on():
    given, targets = logits(t=5)
    audits = one_killed(given, targets, victim=1, timeout=TIMEOUT)
    assert [audit.missing for audit in audits] == [(), (), ("1",), ("1",)]
    assert [audit.names for audit in audits[1:3]] == [("0", "1", "2"), ("0", "2")]
    assert [bool(audit.warning) for audit in audits] == [False, False, True, False]
