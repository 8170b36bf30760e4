"""Constants of chemistry against what is known of them elsewhere, and the models against closed forms."""

import numpy as np
import pytest
from scipy.constants import Avogadro, atm
from scipy.constants import R as GAS_CONSTANT

from mixlib.domains import chemistry
from mixlib.kernels import Linear
from mixlib.kernels.reactive import Equilibrium, equilibrium

AIRS = np.array([[100.0, 0, 20, 3], [1, 50, 0, 0], [0, 30, 5, 0]])


@pytest.mark.parametrize(("weights", "time"), [([0.3, 0.7, 0], 30), ([0.2, 0.3, 0.5], 600), ([0.5, 0, 0.5], 0)])
def test_the_kernel_agrees_with_the_closed_form(weights, time):
    poured = Linear()(np.array(weights), AIRS)
    exact = chemistry.ozone_loss_exact(poured, time, 283.0)
    np.testing.assert_allclose(chemistry.ozone_loss(time, 283.0)(np.array(weights), AIRS), exact, rtol=1e-8, atol=1e-7)


def test_equal_amounts_and_endless_time_are_limits_of_the_closed_form():
    equal, unequal = chemistry.ozone_loss_exact([[40.0, 40, 0, 0], [40, 40 * (1 + 1e-9), 0, 0]], 100.0)
    np.testing.assert_allclose(equal, unequal, atol=1e-6)
    np.testing.assert_allclose(chemistry.ozone_loss_exact([30, 50, 0, 0], np.inf), [0, 20, 30, 30])
    np.testing.assert_allclose(chemistry.ozone_loss_exact([40, 40, 0, 0], 100), equal)
    np.testing.assert_allclose(chemistry.ozone_loss_exact([30.0, 50, 0, 0], 1e7), [0, 20, 30, 30], atol=1e-9)


def test_the_rate_constant_is_that_of_the_evaluation_at_room_temperature():
    # 1.8e-14 cm3/(molecule s) at 298 K, as a first step of the reaction shows it
    step = 1e-3
    made = chemistry.ozone_loss_exact([1.0, 1.0, 0, 0], step, 298.0)[2] / step  # ppb/s
    molecules = 1e-9 * atm / (GAS_CONSTANT * 298.0) * Avogadro * 1e-6  # 1 ppb in molecules/cm3
    assert made / molecules == pytest.approx(1.8e-14, rel=0.05, abs=0)  # else 1e-12 off is near enough


@pytest.mark.parametrize("temperature", [190.0, 310.0])
def test_temperatures_beyond_the_evaluation_are_refused(temperature):
    with pytest.raises(ValueError, match=r"temperature: got .* from 195.0 to 308.0 K"):
        chemistry.ozone_loss(1.0, temperature)
    with pytest.raises(ValueError, match="temperature"):
        chemistry.ozone_loss_exact([1.0, 1, 0, 0], 1.0, temperature)


def test_tables_and_measured_equilibria_agree_on_ammonia():
    # two independent sources: heats and spectra there, the reaction itself here
    for temperature in (600.0, 723.15, 850.0, 1000.0):
        gap = chemistry.measured_formation(temperature) - chemistry.ammonia_formation(temperature)
        assert 350 < gap < 550  # J/mol, out of 16,000 to 62,000


def test_the_tables_agree_with_the_polynomials_of_another_source():
    # NASA polynomials of the GRI-Mech 3.0 data, 300 to 1000 K
    gases = {
        "N2": (3.298677, 1.4082404e-3, -3.963222e-6, 5.641515e-9, -2.444854e-12, -1020.8999, 3.950372),
        "H2": (2.34433112, 7.98052075e-3, -1.9478151e-5, 2.01572094e-8, -7.37611761e-12, -917.935173, 0.683010238),
        "NH3": (4.2860274, -4.660523e-3, 2.1718513e-5, -2.2808887e-8, 8.2638046e-12, -6741.7285, -0.62537277),
        "CO": (3.57953347, -6.1035368e-4, 1.01681433e-6, 9.07005884e-10, -9.04424499e-13, -14344.086, 3.50840928),
        "H2O": (4.19864056, -2.0364341e-3, 6.52040211e-6, -5.48797062e-9, 1.77197817e-12, -30293.7267, -0.849032208),
        "CO2": (2.35677352, 8.98459677e-3, -7.12356269e-6, 2.45919022e-9, -1.43699548e-13, -48371.9697, 9.90105222),
    }

    def energy(name, t):
        *a, heat, entropy = gases[name]
        powers = range(5)
        enthalpy = sum(a[i] * t**i / (i + 1) for i in powers) + heat / t
        disorder = a[0] * np.log(t) + sum(a[i] * t**i / i for i in powers if i) + entropy
        return GAS_CONSTANT * t * (enthalpy - disorder)

    for temperature in (298.15, 450.0, 650.0, 1000.0):
        formed = energy("NH3", temperature) - energy("N2", temperature) / 2 - 1.5 * energy("H2", temperature)
        assert chemistry.ammonia_formation(temperature) == pytest.approx(formed, abs=40)
    shift = energy("CO2", 1000) + energy("H2", 1000) - energy("CO", 1000) - energy("H2O", 1000)
    co, water, co2, h2 = chemistry.WATER_GAS_FORMATION
    assert co2 + h2 - co - water == pytest.approx(shift, abs=40)


def test_an_ideal_equilibrium_obeys_its_constant():
    feed = np.array([[1.0, 0, 0], [0, 3.0, 0]])
    n2, h2, nh3 = chemistry.ammonia(700.0, 1e7)(None, feed)
    total, pressure = n2 + h2 + nh3, 100  # bar
    constant = (nh3 / total) / ((n2 / total) ** 0.5 * (h2 / total) ** 1.5 * pressure)
    assert constant == pytest.approx(np.exp(-27190 / (GAS_CONSTANT * 700)), rel=1e-9)


def test_real_gases_make_more_ammonia_under_pressure_and_the_same_without():
    feed = np.array([[1.0, 0, 0], [0, 3.0, 0]])

    def share(pressure, real_gas):
        mixture = chemistry.ammonia(723.15, pressure, source="measured", real_gas=real_gas)(None, feed)
        return mixture[2] / mixture.sum()

    assert share(300 * atm, True) - share(300 * atm, False) == pytest.approx(0.049, abs=0.002)
    assert share(10 * atm, True) == pytest.approx(share(10 * atm, False), rel=0.01)


def test_bad_arguments_are_named():
    with pytest.raises(ValueError, match=r"source: got 'guess'; choose one of tables, measured"):
        chemistry.ammonia(700.0, source="guess")
    with pytest.raises(ValueError, match=r"temperature: got 1200.0 K; the tables go from 298.15 to 1000.0 K"):
        chemistry.ammonia(1200.0)


def test_elements_are_those_of_the_species():
    atoms = {"NO": "NO", "O3": "OOO", "NO2": "NOO", "O2": "OO", "N2": "NN", "H2": "HH", "NH3": "NHHH"}
    atoms |= {"CO": "CO", "H2O": "HHO", "CO2": "COO"}
    for species, elements, symbols in (
        (chemistry.AIR, chemistry.AIR_ELEMENTS, "NO"),
        (chemistry.GASES, chemistry.GASES_ELEMENTS, "NH"),
        (chemistry.WATER_GAS, chemistry.WATER_GAS_ELEMENTS, "COH"),
    ):
        assert [[atoms[name].count(symbol) for name in species] for symbol in symbols] == [list(e) for e in elements]


def test_the_water_gas_constant_is_reached():
    start = np.array([1.0, 2, 0, 0])
    co, water, co2, h2 = equilibrium(start, chemistry.WATER_GAS_ELEMENTS, chemistry.WATER_GAS_FORMATION, 1000.0)
    assert co2 * h2 / (co * water) == pytest.approx(1.438, abs=0.001)


def test_burning_keeps_weight_and_atoms_and_stops_at_the_scarcer_gas():
    parts = np.array([[3.0, 0, 0], [0, 5.0, 0.2]])
    weights = np.array([[0.1, 0.9], [0.5, 0.5], [0.9, 0.1]])
    left = chemistry.burnt(weights, parts)
    np.testing.assert_allclose(left.sum(axis=1), (weights @ parts).sum(axis=1))
    hydrogen = left / chemistry.OXYHYDROGEN_MASSES @ [2, 0, 2]
    np.testing.assert_allclose(hydrogen, (weights @ parts) / chemistry.OXYHYDROGEN_MASSES @ [2, 0, 2])
    assert np.all(left[:, :2].min(axis=1) < 1e-12)
    with pytest.raises(ValueError, match=r"^parts"):
        chemistry.burnt([1.0], [[-1.0, 0, 0]])


def test_burning_is_the_equilibrium_in_the_cold():
    steam = Equilibrium(((2, 0, 2), (0, 2, 1)), np.array([0, 0, -228582.0]), 298.15)  # Chase 1998
    parts = np.array([[1.0, 0, 0], [0, 1.0, 0]])
    for share in (0.05, 0.5):
        exact = steam([share, 1 - share], parts / chemistry.OXYHYDROGEN_MASSES) * chemistry.OXYHYDROGEN_MASSES
        np.testing.assert_allclose(chemistry.burnt([share, 1 - share], parts), exact, atol=1e-9)
