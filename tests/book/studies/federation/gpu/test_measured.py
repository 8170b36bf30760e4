"""What is timed: that it is what it says, not how long it takes."""

import numpy as np

from mixbook.studies.federation.gpu import measured


def test_networks_predict_every_token_of_a_text(monkeypatch):
    monkeypatch.setattr(measured, "LARGE", 64)
    monkeypatch.setattr(measured, "SMALL", 16)
    for name, (predict,) in measured.networks(0, 8).items():
        rows = predict()
        assert rows.shape == ((2, 64) if "many tokens" in name else (8, 16)), name
        np.testing.assert_allclose(np.exp(rows).sum(-1), 1, rtol=1e-5)


def test_calls_take_turns_and_the_first_round_does_not_count(monkeypatch):
    clock, done = iter(range(10_000)), []
    times = {"quick": 1, "slow": 3}

    def run(name):
        done.append(name)
        for _ in range(times[name] * (10 if len(done) <= 2 else 1)):
            next(clock)

    monkeypatch.setattr(measured, "process_time", lambda: next(clock))
    found = measured.in_turn({name: lambda name=name: run(name) for name in times}, seconds=0)
    assert found == {"quick": 2, "slow": 4}
    assert done[:4] == ["quick", "slow", "quick", "slow"]
    assert len(done) == 8


def test_roofs_hold_all_paths():
    roofs = measured.roofs(2, 2, 50)
    assert list(roofs.index) == list(measured.PATHS)
    assert (roofs > 0).all(axis=None)
