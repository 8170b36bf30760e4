"""Odours of a reader's own: what is read, what is refused and where, and which middle is found nearer."""

import numpy as np
import pandas as pd
import pytest

from mixlib.domains.odours import METHODS, Odours, better_middle, compare_middles, middle, read_odours

GOOD = "name,parts,shares,x,y,z\na,,,1,0,0\nb,,,0,0,2\nc,,,1,1,1\nd,,,0,3,1\nab,a;b,1;3,1,2,1\ncd,c;d,,1,1,1\n"


@pytest.fixture
def written(tmp_path):
    def write(text):
        path = tmp_path / "odours.csv"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


def test_a_table_with_mixtures_is_read(written):
    odours = read_odours(written(GOOD))
    assert odours.names == ("a", "b", "c", "d", "ab", "cd")
    assert odours.channels == ("x", "y", "z")
    assert odours.parts[4] == (0, 1)
    assert odours.shares[4].tolist() == [0.25, 0.75]
    assert odours.shares[5].tolist() == [0.5, 0.5]
    assert odours.singles.tolist() == [0, 1, 2, 3]
    np.testing.assert_allclose(odours.shapes().sum(axis=1), 1)


def test_the_layout_of_open_pom_is_read(written):
    odours = read_odours(written("nonStereoSMILES,descriptors,fruity,floral\nCCO,fruity,1,0\nCO,floral;fruity,1,1\n"))
    assert odours.names == ("CCO", "CO")
    assert odours.channels == ("fruity", "floral")
    assert len(odours.mixtures) == 0


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("b,,,0,0,2", "b,,,0,0,many", "line 3: 'z' is 'many'"),
        ("b,,,0,0,2", "b,,,0,-1,2", "line 3: 'y' is '-1'"),
        ("b,,,0,0,2", "b,,,0,0,nan", "line 3"),
        ("b,,,0,0,2", "b,,,0,0,0", "line 3: 'b' adds up to 0"),
        ("b,,,0,0,2", "b,,,0,0", "line 3: has 5 entries"),
        ("b,,,0,0,2", "a,,,0,0,2", "'a' comes more than once"),
        ("a;b,1;3", "a;q,1;3", "line 6: part 'q'"),
        ("a;b,1;3", "a,1", "line 6: parts are 'a'; name two"),
        ("a;b,1;3", "a;a,1;3", "line 6: parts are 'a;a'"),
        ("a;b,1;3", "ab;b,1;3", "line 6: part 'ab' has no row of its own as a single odour"),
        ("cd,c;d", "cd,ab;d", "line 7: part 'ab' has no row of its own as a single odour"),
        ("a;b,1;3", ",1;3", "line 6: has shares, but no parts"),
        ("a;b,1;3", "a;b,1;-3", "line 6: 'shares' is '-3'"),
        ("b,,,0,0,2", ",,,0,0,2", "line 3: has no name"),
        ("b,,,0,0,2", "b,,,0,,2", "line 3: 'y' is ''"),
        ("b,,,0,0,2", "b,,,1e308,1e308,2", "line 3: 'b' adds up to inf"),
        ("b,,,0,0,2", '"b,,,0,0,2', "quotes an end"),
        ("shares,x,y,z", "shares,x,x,z", "two columns are named 'x'"),
        ("shares,x,y,z", "shares,x,,z", "column 5 has no name"),
        ("a;b,1;3", "a;b,1;3;5", "line 6: 3 shares for 2 parts"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(written, old, new, told):
    with pytest.raises(ValueError, match=told):
        read_odours(written(GOOD.replace(old, new, 1)))


def test_an_empty_table_and_one_channel_are_refused(written):
    with pytest.raises(ValueError, match="has no rows"):
        read_odours(written("name,x,y\n"))
    with pytest.raises(ValueError, match="1 channels"):
        read_odours(written("name,x\na,1\n"))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (GOOD.replace(";", "|").replace(",", ";"), "put commas between"),
        ("name\tx\ty\na\t1\t2\n", "put commas between"),
        (GOOD.encode("utf-16"), "not in UTF-8"),
        (GOOD.replace("a,", "caf\u00e9,").encode("latin-1"), "not in UTF-8"),
        ("odor,x,y,odorless\na,0,0,1\n", "has no odours"),
    ],
)
def test_files_that_are_no_such_tables_are_told(written, text, told):
    with pytest.raises(ValueError, match=told):
        read_odours(written(text))


def test_capitals_empty_lines_marks_and_quotes_are_no_mistakes(written):
    plain = read_odours(written(GOOD))
    odd = "\ufeff" + GOOD.replace("name,parts", "Name,Parts").replace("\n", "\r\n\r\n").replace(
        "a,,,", '"a, \u00e9",,,', 1
    )
    odours = read_odours(written(odd.replace("a;b", '"a, \u00e9;b"') + ",,,,,\n"))
    assert odours.names == ("a, \u00e9", *plain.names[1:])
    assert (odours.channels, odours.parts) == (plain.channels, plain.parts)


def test_what_has_no_odour_in_a_table_of_open_pom_is_left_out(written):
    text = "IsomericSMILES,Updated_Desc,fruity,odorless,floral\nC,odorless,0,1,0\nCCO,fruity,1,0,0\nCO,floral,0,0,1\n"
    odours = read_odours(written(text))
    assert odours.names == ("CCO", "CO")
    assert odours.channels == ("fruity", "floral")


def test_costs_are_symmetric_and_near_channels_are_cheap():
    rng = np.random.default_rng(0)
    places, tuned = rng.random(200), np.linspace(0, 1, 12)
    profiles = np.exp(-((places[:, None] - tuned) ** 2) / 0.01) + 1e-3
    odours = Odours(tuple(map(str, range(200))), tuple(map(str, range(12))), profiles, (None,) * 200, (None,) * 200)
    costs = odours.costs()
    np.testing.assert_allclose(costs, costs.T)
    assert (np.diag(costs) == 0).all()
    assert (np.diff(costs[0])[:4] > 0).all()  # along the line, until channels have nothing in common


def test_the_nearer_middle_is_named_unless_a_baseline_is_nearer():
    rng = np.random.default_rng(0)
    errors = pd.DataFrame(0.5 + 0.05 * rng.normal(size=(30, 5)), columns=METHODS)
    assert better_middle(errors)[0] == "neither"
    errors["wasserstein"] -= 0.2
    word, (low, high) = better_middle(errors)
    assert word == "wasserstein"
    assert 0 < low < high
    errors["blurred"] -= 0.4
    assert better_middle(errors)[0] == "arithmetic"
    errors["nearest part"] -= 0.45
    assert better_middle(errors)[0] == "neither"
    assert better_middle(errors, baselines=("mixture size",))[0] == "arithmetic"
    assert better_middle(errors[:6], baselines=("mixture size",))[0] == "arithmetic"
    assert better_middle(errors[:5], baselines=("mixture size",))[0] == "neither"


def test_too_few_odours_and_an_unknown_method_are_named(written):
    odours = read_odours(written(GOOD))
    assert list(compare_middles(odours).columns) == list(METHODS)
    with pytest.raises(ValueError, match="method"):
        middle(odours, [0, 1], [0.5, 0.5], "fisher")
    with pytest.raises(ValueError, match="single odours"):
        compare_middles(read_odours(written("name,x,y\na,1,0\nb,0,1\n")))
