"""Light: from spectra to colours, by the CIE 1931 observer, and what three lamps make of white.

Spectra are arrays ``(..., 81)`` over `WAVELENGTHS`, in relative units: the spectrum that is 1 everywhere (equal energy)
has luminance ``Y = 1``. Adding lights adds spectra, so the mixture of dimmed lights is the linear kernel.
"""

import numpy as np
from scipy.constants import c, h, k

from mixlib.carriers.euclidean import Euclidean
from mixlib.domains.base import Constant, Domain
from mixlib.domains.spectra import observer
from mixlib.kernels.linear import Linear

WAVELENGTHS = np.linspace(380.0, 780.0, 81)  # nm

# Weight, centre (nm) and inverse widths (1/nm) below and above the centre of each lobe (Wyman et al. 2013, equation 4)
_LOBES = (
    ((0.362, 442.0, 0.0624, 0.0374), (1.056, 599.8, 0.0264, 0.0323), (-0.065, 501.1, 0.0490, 0.0382)),
    ((0.821, 568.8, 0.0213, 0.0247), (0.286, 530.9, 0.0613, 0.0322)),
    ((1.217, 437.0, 0.0845, 0.0278), (0.681, 459.0, 0.0385, 0.0725)),
)

SCREEN_WHITE = np.array([0.3127, 0.3290])  # chromaticity of D65, the white of sRGB (IEC 61966-2-1)
SCREEN_PRIMARIES = np.array([[0.64, 0.33], [0.30, 0.60], [0.15, 0.06]])  # red, green, blue of sRGB (IEC 61966-2-1)
WRIGHT_LAMPS = np.array([650.0, 530.0, 460.0])  # nm, in one of the two experiments behind the observer (Wright 1929)
WRIGHT_UNITS = np.array([582.5, 494.0])  # nm, matched by as much red as green, and by as much green as blue
WRIGHT_WHITE = np.array([0.243, 0.410, 0.347])  # amounts in these units that ten observers took to match a white
WHITE_KELVIN = 4800.0  # of that white, near enough

# Cones for long, middle and short waves from X, Y, Z: Smith & Pokorny 1975
_CONES = np.array([[0.15514, 0.54312, -0.03286], [-0.15514, 0.45684, 0.03286], [0.0, 0.0, 0.01608]])


def colour_matching(wavelengths=WAVELENGTHS):
    r"""The CIE 1931 colour-matching functions :math:`\bar x, \bar y, \bar z`, shape ``(..., 3)``, by analytic fits.

    Source: Wyman et al. 2013, equation 4.

    Examples
    --------
    >>> from mixlib.domains.light import colour_matching
    >>> colour_matching([460.0, 530.0, 650.0]).round(2)
    array([[0.28, 0.06, 1.67],
           [0.16, 0.87, 0.04],
           [0.28, 0.11, 0.  ]])
    """
    wavelengths = np.asarray(wavelengths, dtype=float)
    return np.stack([sum(_lobe(wavelengths, *lobe) for lobe in lobes) for lobes in _LOBES], axis=-1)


def _lobe(wavelengths, weight, centre, below, above):
    offset = wavelengths - centre
    return weight * np.exp(-0.5 * (offset * np.where(offset < 0, below, above)) ** 2)


def tristimulus(spectra, matching=None):
    r"""Tristimulus values ``(..., 3)`` of spectra ``(..., 81)``, a linear map.

    .. math:: (X, Y, Z) = \sum_\lambda s(\lambda)\, (\bar x, \bar y, \bar z)(\lambda) \Big/ \sum_\lambda \bar y(\lambda)

    Parameters
    ----------
    spectra : array (..., 81)
    matching : array (81, 3), optional
        The colour-matching functions of another observer; by default :func:`colour_matching`.

    Examples
    --------
    >>> from mixlib.domains.light import band, tristimulus
    >>> tristimulus(band(530.0)).round(2)
    array([0.7 , 3.1 , 0.22])
    """
    matching = colour_matching() if matching is None else np.asarray(matching)
    return np.asarray(spectra) @ (matching / matching[:, 1].sum())


def chromaticity(xyz):
    """Chromaticity ``(x, y)``, shape ``(..., 2)``: tristimulus values over their sum.

    Examples
    --------
    >>> from mixlib.domains.light import chromaticity
    >>> chromaticity([0.95, 1.0, 1.09]).round(3)
    array([0.312, 0.329])
    """
    xyz = np.asarray(xyz)
    return xyz[..., :2] / xyz.sum(axis=-1, keepdims=True)


def cones(xyz):
    """Responses ``(..., 3)`` of the cones for long, middle and short waves to tristimulus values, a linear map.

    The first two add up to the luminance. Who lacks the cones for long or for middle waves sees by the other two.

    Source: Smith & Pokorny 1975.

    Examples
    --------
    >>> from mixlib.domains.light import cones
    >>> cones([0.9505, 1.0, 1.0888]).round(3)
    array([0.655, 0.345, 0.018])
    """
    return np.asarray(xyz) @ _CONES.T


def band(centre, width=30.0):
    """Spectrum of a light-emitting diode of unit mean power: a bell of the given width at half height, in nm.

    Examples
    --------
    >>> from mixlib.domains.light import band
    >>> band(530.0).shape, band(530.0).argmax()  # over WAVELENGTHS, of which number 30 is 530 nm
    ((81,), np.int64(30))
    """
    bell = np.exp(-4 * np.log(2) * ((WAVELENGTHS - centre) / width) ** 2)
    return bell / bell.mean()


def black_body(kelvin):
    """Planck's spectrum of a glowing body, scaled to luminance 1.

    Examples
    --------
    >>> from mixlib.domains.light import black_body, chromaticity, tristimulus
    >>> chromaticity(tristimulus(black_body(6500.0))).round(3)
    array([0.313, 0.324])
    """
    metres = WAVELENGTHS * 1e-9
    spectrum = metres**-5.0 / np.expm1(h * c / (metres * k * kelvin))
    return spectrum / tristimulus(spectrum)[1]


def match(target, lights):
    r"""Amounts ``(..., 3)`` of three lights that look like the target.

    The solution of :math:`\sum_i a_i\, \mathrm{XYZ}_i = \mathrm{XYZ}`. A negative amount means that the three cannot
    make the colour: in an experiment that lamp is moved to the other side and added to the target.

    Parameters
    ----------
    target : array (..., 3)
        Tristimulus values.
    lights : array (3, 3)
        Tristimulus values, one light a row.

    Raises
    ------
    ValueError
        If the lights are dependent, so that one of them is a mixture of the others.

    Examples
    --------
    >>> from mixlib.domains.light import match, screen_lights
    >>> match([0.9505, 1.0, 1.0888], screen_lights()).round(2)  # white: all three lights
    array([1., 1., 1.])
    """
    target, lights = np.asarray(target, dtype=float), np.asarray(lights, dtype=float)
    if lights.shape != (3, 3) or np.linalg.matrix_rank(lights) < 3:
        raise ValueError(
            f"lights: expected the tristimulus values of 3 independent lights, got shape {lights.shape} of rank "
            f"{np.linalg.matrix_rank(lights)}; choose lights of which none is a mixture of the others"
        )
    return np.linalg.solve(lights.T, target[..., None])[..., 0]


def screen_lights():
    """Tristimulus values (3, 3) of a screen's red, green and blue at full power; they add up to its white, Y = 1.

    Examples
    --------
    >>> from mixlib.domains.light import screen_lights
    >>> screen_lights().round(3)
    array([[0.412, 0.213, 0.019],
           [0.358, 0.715, 0.119],
           [0.18 , 0.072, 0.951]])
    """
    primaries = _unit_luminance(SCREEN_PRIMARIES)
    return match(_unit_luminance(SCREEN_WHITE), primaries)[:, None] * primaries


def _unit_luminance(xy):
    x, y = xy[..., 0], xy[..., 1]
    return np.stack([x / y, np.ones_like(y), (1 - x - y) / y], axis=-1)


def srgb(xyz, *, white=None):
    """The screen's values ``(..., 3)`` in [0, 1] for tristimulus values, clipped where the screen cannot show them.

    Parameters
    ----------
    xyz : array (..., 3)
    white : array (3,), optional
        Tristimulus values that the screen shall show as its white; others are scaled with it (von Kries' rule in XYZ).
        By default colours are shown as they are.

    Examples
    --------
    >>> from mixlib.domains.light import srgb
    >>> srgb([0.2, 0.2, 0.2]).round(2)
    array([0.53, 0.47, 0.46])
    """
    lights = screen_lights()
    if white is not None:
        xyz = xyz / np.asarray(white) * lights.sum(axis=0)
    linear = np.clip(match(xyz, lights), 0, 1)
    return np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)


def lab(xyz, *, white):
    r"""CIELAB lightness and the two colour axes ``(L*, a*, b*)``, shape ``(..., 3)``.

    With :math:`f(t) = t^{1/3}`, straight below :math:`(6/29)^3`,
    :math:`L^* = 116 f(Y/Y_n) - 16`, :math:`a^* = 500 (f(X/X_n) - f(Y/Y_n))`, :math:`b^* = 200 (f(Y/Y_n) - f(Z/Z_n))`.

    Source: CIE 2004.

    Examples
    --------
    >>> from mixlib.domains.light import lab
    >>> lab([0.2, 0.2, 0.2], white=[1.0, 1.0, 1.0]).round(1)
    array([51.8,  0. ,  0. ])
    """
    ratio = np.asarray(xyz) / np.asarray(white)
    edge = 6 / 29
    fx, fy, fz = np.moveaxis(np.where(ratio > edge**3, np.cbrt(ratio), ratio / (3 * edge**2) + 4 / 29), -1, 0)
    return np.stack([116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)], axis=-1)


def chroma(colours):
    """Distance from grey of CIELAB colours ``(..., 3)``.

    Examples
    --------
    >>> import numpy as np
    >>> from mixlib.domains.light import chroma
    >>> chroma(np.array([50.0, 3.0, 4.0]))
    np.float64(5.0)
    """
    return np.hypot(colours[..., 1], colours[..., 2])


def wright_lamps():
    """Tristimulus values (3, 3) of Wright's red, green and blue light, each in the unit of his experiment.

    The units are such that a yellow takes as much red as green, and a blue-green as much green as blue. The white of
    the experiment, made of the three, has X + Y + Z = 1.

    Source: Wright 1929, seen by the standard observer.

    Examples
    --------
    >>> from mixlib.domains.light import WRIGHT_WHITE, wright_lamps
    >>> (WRIGHT_WHITE @ wright_lamps()).round(3)
    array([0.344, 0.357, 0.299])
    """
    lamps = observer(WRIGHT_LAMPS)
    yellow, turquoise = match(observer(WRIGHT_UNITS), lamps)
    units = lamps * np.array([yellow[0] / yellow[1], 1.0, turquoise[2] / turquoise[1]])[:, None]
    return units / (WRIGHT_WHITE @ units).sum()


_WHITE = tristimulus(black_body(WHITE_KELVIN), observer(WAVELENGTHS))

DOMAIN = Domain(
    about="red, green and blue light, in the amounts that ten observers took to match a white",
    parts=wright_lamps(),
    weights=WRIGHT_WHITE,
    kernel=Linear(),
    carrier=Euclidean(),
    points="tristimulus values X, Y, Z",
    unit="of X + Y + Z",
    known=_WHITE / _WHITE.sum(),  # of the lamp that they matched, by its temperature
    tolerance=0.01,  # of Wright's and of Guild's observers
    source="Wright 1929; Broadbent 2004",
    reference="wright1929",
    route="measurement",
    constants={
        "lamps": Constant(value=WRIGHT_LAMPS, unit="nm", source="Wright 1929"),
        "amounts that match white": Constant(value=WRIGHT_WHITE, unit="units of the lamps", source="Wright 1929"),
        "lights that fix the units": Constant(value=WRIGHT_UNITS, unit="nm", source="Wright 1929; Broadbent 2004"),
        "temperature of the white": Constant(value=WHITE_KELVIN, unit="K", source="Wright 1929; Broadbent 2004"),
        "white of a screen": Constant(value=SCREEN_WHITE, unit="chromaticity x, y", source="IEC 61966-2-1"),
    },
)
