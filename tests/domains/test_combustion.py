"""Hydrogen and oxygen that burn: what is kept, what is known of flames and delays, and the message without Cantera."""

import sys

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from mixlib.domains import combustion
from mixlib.domains.combustion import Burning, gas_of

MIXED = {"H2": 2, "O2": 1}


def test_atoms_and_energy_are_kept_and_the_gas_burns():
    poured, burning = gas_of(MIXED), Burning(temperature=1100)
    warm, amounts = burning.history(poured, [0, 1e-5, 1e-2])
    counted = combustion.atoms()
    np.testing.assert_allclose(amounts @ counted.T, np.tile(counted @ poured, (3, 1)), atol=1e-9)
    np.testing.assert_allclose(amounts[0], poured, atol=1e-12)
    assert warm[1] == pytest.approx(1100, abs=5)
    assert warm[2] > 3000
    assert amounts[2][combustion.species().index("H2O")] > 1


def test_the_kernel_mixes_first_and_takes_batches():
    parts = np.array([gas_of({"H2": 1}), gas_of({"O2": 1})])
    weights = np.array([[0.7, 0.3], [0.2, 0.8]])
    burning = Burning(temperature=1200, time=1e-3)
    both = burning(weights, parts)
    np.testing.assert_allclose(both[1], burning.history(weights[1] @ parts, [1e-3])[1][0], rtol=1e-6)
    np.testing.assert_allclose(Burning(time=0)(weights, parts), weights @ parts, atol=1e-12)


def test_flames_are_as_hot_as_tables_say():
    # hydrogen in air 2400 K: Princeton University, Human-Computer laboratory notes; rounded to 50 K there
    air = gas_of({"H2": 2, "O2": 1, "N2": 3.76})
    assert combustion.flame_temperature(air) == pytest.approx(2400, abs=50)
    assert combustion.flame_temperature(gas_of(MIXED)) > 3000


def test_delays_behind_shock_waves():
    # Bhaskaran 1973: hydrogen in air, 2.5 atm
    gas = gas_of({"H2": 0.2959, "O2": 0.1479, "N2": 0.5562})
    for kelvin, measured in ((1323, 10.1e-6), (1200, 18.1e-6)):
        delay = Burning(temperature=kelvin, pressure=2.5 * 101325).delay(gas)
        assert delay == pytest.approx(measured, rel=0.3)


def test_signals_follow_each_other_and_the_cold_gas_waits():
    burning = Burning(temperature=1200)
    rise, most = (burning.delay(gas_of(MIXED), signal=signal) for signal in ("OH", "OH peak"))
    assert 0 < rise < most < 1e-4
    assert Burning(temperature=700).delay(gas_of(MIXED)) == np.inf


def test_near_the_limit_a_gas_waits_long_and_never_a_moment():
    delays = [Burning(temperature=kelvin).delay(gas_of(MIXED), patience=40.0) for kelvin in (740, 755, 765, 775, 785)]
    assert delays[0] == np.inf
    assert np.isfinite(delays[2:]).all()
    assert min(delays) > 5
    assert all(np.diff(delays[1:]) < 0)
    for signal in combustion.SIGNALS:
        assert Burning(temperature=760).delay(gas_of(MIXED), signal=signal, patience=20.0) == np.inf


def test_what_cannot_burn_does_not_ignite():
    for gas in ({"AR": 1}, {"H2": 1}, {"H2": 1, "N2": 1}, {"H2O": 1}):
        assert Burning(temperature=1500).delay(gas_of(gas), patience=0.1) == np.inf


@pytest.mark.parametrize("kelvin", [770, 900, 1000])
def test_delays_are_those_of_another_reactor_and_another_solver(kelvin):
    cantera = pytest.importorskip("cantera")
    gas, molar = cantera.Solution("h2o2.yaml"), cantera.Solution("h2o2.yaml")
    gas.TPX = molar.TPX = kelvin, 101325.0, "H2:2, O2:1"
    density = gas.density

    def change(_, state):  # a closed vessel, written out
        gas.set_unnormalized_mass_fractions(state[1:])
        gas.TD = state[0], density
        made = gas.net_production_rates
        warms = -gas.partial_molar_int_energies @ made / (density * gas.cv_mass)
        return np.append(warms, made * gas.molecular_weights / density)

    delay = Burning(temperature=kelvin).delay(gas_of(MIXED))
    start = np.append(kelvin, gas.Y)
    found = solve_ivp(change, (0, 1.5 * delay), start, method="BDF", rtol=1e-9, atol=1e-16)
    warms = [change(0, state)[0] for state in found.y.T]
    assert delay == pytest.approx(found.t[int(np.argmax(warms))], rel=1e-3)

    net = cantera.ReactorNet([cantera.IdealGasMoleReactor(molar, clone=False)])
    net.rtol, net.atol, net.max_steps = 1e-10, 1e-22, 1_000_000
    times, pressures = [0.0], [molar.P]
    while net.time < 1.5 * delay:
        net.step()
        times.append(net.time)
        pressures.append(molar.P)
    assert delay == pytest.approx(times[int(np.gradient(pressures, times).argmax())], rel=1e-3)


def test_a_third_partner_makes_nitrogen_differ_from_argon():
    caught = tuple(name for name in combustion.reactions() if name.startswith("H + O2 +"))
    assert len(caught) == 5

    def times(off):
        argon, nitrogen = (
            Burning(temperature=1000, pressure=2e5, off=off).delay(gas_of(MIXED | {bath: 7})) for bath in ("AR", "N2")
        )
        return nitrogen / argon

    assert times(()) > 3
    assert times(caught) == pytest.approx(1, abs=0.05)
    assert times(()) > 3, "what was left out stays left out"


def test_without_cantera_the_message_says_what_to_install(monkeypatch):
    combustion._gas.cache_clear()
    monkeypatch.setitem(sys.modules, "cantera", None)
    with pytest.raises(ImportError, match=r"Combustion needs the package cantera, which is not installed: pip install"):
        combustion.species()
    combustion._gas.cache_clear()


@pytest.mark.parametrize(
    ("call", "named"),
    [
        (lambda: gas_of({"CH4": 1}), "amounts"),
        (lambda: Burning(temperature=0), "temperature"),
        (lambda: Burning(pressure=-1), "pressure"),
        (lambda: Burning(time=-1), "time"),
        (lambda: Burning().delay(gas_of(MIXED), signal="light"), "signal"),
        (lambda: Burning(off=("H + H <=> He",)).delay(gas_of(MIXED)), "off"),
    ],
)
def test_bad_input_is_named(call, named):
    with pytest.raises(ValueError, match=rf"^{named}"):
        call()
