"""What the sign of an O-information says, in words, and when it says nothing."""

from mixlib.information.result import NATS_PER_UNIT, NOTHING


def of_one(result):
    """What the sign of a result's Omega says, if it says something."""
    if result.n == 2:
        return "0, as of any two variables"
    if abs(result.omega) * NATS_PER_UNIT[result.units] <= NOTHING:
        return "zero but for rounding"
    if abs(result.omega) <= 2 * result.standard_error:  # false where there is no error
        return "not distinguishable from zero: less than two standard errors from it"
    return ("redundant" if result.omega > 0 else "synergistic") + " on balance"


def of_best(side, best):
    """A heading for the subsets ``best`` of lowest (``side`` "synergistic") or highest Omega ("redundant")."""
    if best.empty:
        return f"Most {side}: none, no Omega is {'below' if side == 'synergistic' else 'above'} zero"
    if "certain" not in best or best["certain"].all():
        return f"Most {side}"
    if not best["certain"].any():
        return f"{'Lowest' if side == 'synergistic' else 'Highest'} Omega, none distinguishable from zero"
    return f"Most {side}, {best['certain'].sum()} of {len(best)} distinguishable from zero"


def of_all(sweep, sides):
    """What the lists of both sides together leave to be said, or nothing."""
    tables = [best for best in sides.values() if len(best)]
    if not tables:
        return "No Omega is distinguishable from zero: all are zero but for rounding."
    if any("certain" not in best for best in tables) or all(best["certain"].all() for best in tables):
        return ""
    what = "Nothing" if not any(best["certain"].any() for best in tables) else "Not everything listed"
    return (
        f"{what} is distinguishable from zero, which takes {sweep.errors_needed:.1f} standard errors: the best of "
        f"{sweep.n_subsets:,} subsets lie far out by chance as well."
    )
