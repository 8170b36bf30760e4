"""The three knobs of a domain in one box: its parts, their weights, the carrier, the kernel, and how it is known."""

import html

from mixlib.domains.base import Domain
from mixlib.kernels.base import Kernel

MOST_WEIGHTS = 6  # that are told one by one


def knobs(domain, *, parts=None, weights=None, carrier=None, kernel=None):
    """A box that says what is mixed, in which shares, in what and by which rule, and what the result is known to be.

    Parameters
    ----------
    domain : Domain
    parts, weights, carrier, kernel : str, optional
        What to say of a knob in the words of the field; by default what the domain tells of itself.

    Returns
    -------
    Knobs
        Shown by a notebook.

    Raises
    ------
    ValueError
        If ``domain`` is none.
    """
    if not isinstance(domain, Domain):
        raise ValueError(f"domain: got {type(domain).__name__}, expected a Domain, such as DOMAINS['taste']")
    return Knobs(domain, {"Parts": parts, "Weights": weights, "Carrier": carrier, "Kernel": kernel})


class Knobs:
    """What `knobs` returns: rows of a name and what is said of it."""

    def __init__(self, domain, said):
        told = {
            "Parts": f"{domain.about}; {domain.points}{_in(domain.part_unit or domain.unit)}",
            "Weights": _shares(domain.weights),
            "Carrier": domain.carrier.label,
            "Kernel": _rule(domain.kernel),
        }
        self.rows = {name: said[name] or text for name, text in told.items()}
        mixture, known = (
            ", ".join(f"{value:.4g}" for value in list(found)[:3]) for found in (domain.mixture(), domain.known)
        )
        more = ", …" if len(domain.known) > 3 else ""
        self.rows["Mixture"] = f"{mixture}{more} {domain.unit}; by {domain.route} {known}{more} ({domain.source})"

    def _repr_html_(self):
        rows = "".join(f"<div><dt>{name}</dt><dd>{html.escape(text)}</dd></div>" for name, text in self.rows.items())
        return f'<dl class="mx-knobs" aria-label="The knobs of this domain">{rows}</dl>'

    def __repr__(self):
        return "\n".join(f"{name}: {text}" for name, text in self.rows.items())


def _in(unit):
    return f", in {unit}" if unit else ""


def _shares(weights):
    if len(weights) > MOST_WEIGHTS and len(set(weights)) == 1:
        return f"1/{len(weights)} each"
    return " : ".join(f"{weight:.3g}" for weight in weights)


def _rule(kernel):
    if not isinstance(kernel, Kernel):
        return getattr(kernel, "__name__", type(kernel).__name__).replace("_", " ")
    name = " ".join(type(kernel).__module__.rpartition(".")[2].split("_"))
    return f"{name}, {type(kernel).formula}"
