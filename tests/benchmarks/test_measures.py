"""The measures that the benchmark times are those of their definitions, one log-determinant after the other."""

from benchmarks import measures


def test_every_measure_is_exact(monkeypatch):
    monkeypatch.setattr(measures, "has_hoi", lambda: False)
    found = measures.table(rounds=1, least=1e-9)
    assert len(found) == 7
    assert (found["mixlib, error"] < 1e-12).all()
    assert (found["mixlib (ms)"] > 0).all()
    assert not [name for name in found if name.startswith("hoi")]


def test_a_wrong_measure_is_noticed(monkeypatch):
    monkeypatch.setattr(measures, "has_hoi", lambda: False)
    ours, _, order, count = measures.CASES["RSI"]
    monkeypatch.setattr(measures, "CASES", {"RSI": (ours, measures._synergy, order, count)})
    assert measures.table(rounds=1, least=1e-9)["mixlib, error"].max() > 1e-3
