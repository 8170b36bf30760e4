"""Groups of columns that count as one variable."""

import operator


def check_groups(groups, n_columns):
    """Return ``groups`` as lists of ints, one a variable; by default every column is its own.

    Raises
    ------
    ValueError
        If there are fewer than two groups, one is empty, an index is out of range or in two groups.
    """
    if groups is None:
        return [[column] for column in range(n_columns)]
    try:
        groups = [[operator.index(column) for column in group] for group in groups]
    except TypeError:
        raise ValueError(f"groups: expected lists of column numbers, got {groups!r}") from None
    if len(groups) < 2 or not all(groups):
        raise ValueError(f"groups: expected at least 2 groups and none empty, got {groups!r}")
    columns = [column for group in groups for column in group]
    outside = [column for column in columns if not 0 <= column < n_columns]
    if outside:
        raise ValueError(f"groups: column {outside[0]} does not exist, columns are 0 to {n_columns - 1}")
    twice = sorted({column for column in columns if columns.count(column) > 1})
    if twice:
        raise ValueError(f"groups: column {twice[0]} is in two places; a column belongs to one group")
    return groups


def columns_of(groups, variables):
    """The columns of the groups that ``variables`` names."""
    return [column for variable in variables for column in groups[variable]]
