"""Groups of columns that count as one variable."""

import operator


def check_groups(groups, n_columns, names=None):
    """Return ``groups`` as lists of column numbers, one a variable; by default every column is its own.

    Parameters
    ----------
    groups : list of lists, or dict of lists, optional
        Columns by name where there are ``names``, or by number. The keys of a dict name the variables.
    n_columns : int
    names : sequence of str, optional
        The columns' names.

    Raises
    ------
    ValueError
        If there are fewer than two groups, one is empty, or a column does not exist or is in two groups.
    """
    if groups is None:
        return [[column] for column in range(n_columns)]
    lists = groups.values() if isinstance(groups, dict) else groups
    if isinstance(lists, str) or not _all_lists(lists):
        raise ValueError(f"groups: expected lists of column numbers or names, got {groups!r}")
    numbers = [[_number(column, n_columns, names) for column in group] for group in lists]
    if len(numbers) < 2 or not all(numbers):
        raise ValueError(f"groups: expected at least 2 groups and none empty, got {groups!r}")
    columns = [column for group in numbers for column in group]
    twice = sorted({column for column in columns if columns.count(column) > 1})
    if twice:
        label = repr(names[twice[0]]) if names else twice[0]
        raise ValueError(f"groups: column {label} is in two places; a column belongs to one group")
    return numbers


def variable_names(groups, numbers, names=None):
    """What to call the variables: a dict's keys, else the names of their columns; None if there are no names."""
    if isinstance(groups, dict):
        return tuple(map(str, groups))
    return names and tuple("+".join(names[column] for column in group) for group in numbers)


def columns_of(groups, variables):
    """The columns of the groups that ``variables`` names."""
    return [column for variable in variables for column in groups[variable]]


def _all_lists(lists):
    try:
        return all(iter(group) and not isinstance(group, str) for group in lists)
    except TypeError:
        return False


def _number(column, n_columns, names):
    found = names.count(str(column)) if names else 0
    if found == 1:
        return names.index(str(column))
    if found:
        raise ValueError(f"groups: {found} columns are named {column!r}; rename them or give their numbers")
    try:
        number = operator.index(column)
    except TypeError:
        number = -1
    if not 0 <= number < n_columns:
        known = f"{', '.join(names)}" if names else f"0 to {n_columns - 1}"
        raise ValueError(f"groups: column {column!r} does not exist, columns are {known}")
    return number
