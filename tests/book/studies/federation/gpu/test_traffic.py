"""Bytes by hand, floors, and what is shown of a record."""

import json
from pathlib import Path

import pytest

from mixbook.build.pages import BOOK
from mixbook.studies.federation.gpu import traffic


def test_bytes_by_hand():
    short, long = traffic.moved(10, 3, 1000), traffic.moved(10, 3, 20_000)
    assert short.loc["logits to mixture"].tolist() == [3 * 60_000 + 20_000, 60_000 + 20_000, 60_000 + 20_000]
    assert long.loc["logits to mixture"].tolist() == [4_000_000, 2_800_000, 1_600_000]
    assert long.loc["logits to target"].tolist() == [2_400_020, 1_200_020, 1_200_020]
    assert long.loc["log-probs to mixture"].nunique() == 1
    assert (traffic.moved(10, 3, 1000, 4) == 2 * short).all(axis=None)


def test_floors_are_bytes_over_bandwidth():
    floors = traffic.floors(traffic.moved(1, 1, 1000)["least"], {"a card": 4e3})
    assert floors.loc["logits to mixture", "a card"] == 1000
    assert list(traffic.floors(traffic.moved(1, 1, 9)["least"])) == list(traffic.CARDS)


def test_the_kernel_reads_twice_where_the_page_says():
    pytest.importorskip("triton")
    from mixlib.federation.fused import on_gpu

    assert on_gpu.WHOLE == traffic.WHOLE


def test_a_record_is_shown_with_its_machine(tmp_path):
    row = {"what": "copy", "by": "torch", "setting": "1 GiB", "milliseconds": 2.0, "bytes": 8_000_000}
    machine = {"device": "a card", "driver": "1.2", "date": "2030-01-01", "notes": []}
    path = tmp_path / "gpu.json"
    path.write_text(json.dumps([machine | {"measurements": [row, row | {"what": "sweep", "bytes": 4_000_000}]}]))
    shown = traffic.recorded(path)
    assert shown["GB/s"].tolist() == [4.0, 2.0]
    assert traffic.told(shown) == "Recorded on: a card, driver 1.2, 2030-01-01."
    path.write_text("[]")
    assert traffic.told(traffic.recorded(path)) == "Nothing has been recorded yet."


def test_the_committed_record_can_be_shown():
    assert traffic.told(traffic.recorded(Path(BOOK, "federation", "gpu.json")))
