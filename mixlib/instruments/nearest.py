"""Nearest points of many small hulls and cones: compiled, exact, with SciPy's solver for the rest.

Both problems are least squares with weights that are not negative, solved by exchanging one part at a time: the part
that lies furthest towards the target enters, and a part whose weight would turn negative leaves. For the hull this is
Wolfe's method for the point of least norm, for the cone that of Lawson & Hanson.
"""

import numpy as np

from mixlib.compiled import compiled

STEP = float(np.finfo(float).eps)
MOST_PARTS = 64  # each exchange solves anew, which is quick while the parts are few
GAIN = 1e-14  # a part enters if it lies this far, over the parts' size, beyond the present nearest point
PATIENCE = 5000  # coordinates of parts that are handled without a compiler, some 30 microseconds each
CERTIFIED = 1e-12  # largest possible error of a distance, over its target's, that counts as solved


def nearest_weights(parts, targets, cone=False):
    r"""Weights of the points nearest to ``targets``, and their distances within and off the span of the parts.

    .. math:: \min_{w \ge 0} \Bigl\| \sum_i w_i p_i - t \Bigr\|, \qquad \sum_i w_i = 1 \text{ unless it is a cone}

    The parts are first written in orthonormal coordinates of their span (Gram-Schmidt, the largest part first, parts
    within rounding of the span left out). The answer is certified by its duality gap; where that fails, and for more
    than 64 parts, SciPy's non-negative least squares solves instead. Some thousand coordinates are handled by the same
    code in Python, the rest compiled: the first time on a machine that takes some seconds.

    Source: Lawson & Hanson 1995.

    Parameters
    ----------
    parts : array (batch, n, d)
        Of order one; for a hull with their mean at the origin.
    targets : array (batch, d)
        In the same coordinates.
    cone : bool
        Whether weights may have any sum, and the span is linear.

    Returns
    -------
    off, within : array (batch,)
        Distance off the (affine, for a cone linear) span of the parts, and from the nearest point within it.
    weights : array (batch, n)
    """
    parts, targets = np.ascontiguousarray(parts), np.ascontiguousarray(targets)
    small = not _span_coordinates.is_worth(parts.size)
    span_coordinates = _span_coordinates.plain if small else _span_coordinates
    corners, goals, ranks, off = span_coordinates(parts, targets, cone)
    if parts.shape[1] <= MOST_PARTS:
        exchange = _exchange.plain if small else _exchange
        weights, solved = exchange(corners, goals, ranks, cone)
    else:
        weights, solved = np.zeros(parts.shape[:2]), np.zeros(len(parts), dtype=bool)
    for index in np.flatnonzero(~solved):
        weights[index] = _by_scipy(corners[index], goals[index], cone)
    within = np.linalg.norm((weights[:, None] @ corners)[:, 0] - goals, axis=-1)
    return off, within, weights


def _by_scipy(corners, goal, cone):
    from scipy.optimize import nnls  # takes half a second to load

    rounds = 30 * len(corners)
    if cone:
        return nnls(corners.T, goal, maxiter=rounds)[0]
    # with x = s w the best s leaves a residual that grows with the distance, so both have one minimiser
    gaps = corners - goal
    scale = np.linalg.norm(gaps, axis=-1).max()  # keeps the row of ones comparable when the target is far
    system = np.vstack([gaps.T / scale, np.ones(len(corners))])
    x, _ = nnls(system, np.append(np.zeros(len(goal)), 1.0), maxiter=rounds)
    return x / x.sum()


@compiled(patience=PATIENCE)
def _span_coordinates(parts, targets, cone):
    """Orthonormal coordinates of parts and targets in the span, zeros beyond its rank; ranks; distances off it."""
    batch, n, d = parts.shape
    most = min(n if cone else n - 1, d)
    corners, goals = np.zeros((batch, n, max(most, 1))), np.zeros((batch, max(most, 1)))
    ranks, off = np.zeros(batch, dtype=np.int64), np.empty(batch)
    frame, rest, left = np.empty((most, d)), np.empty((n, d)), np.empty(d)
    for b in range(batch):
        _copy(targets[b], left)
        for i in range(n):
            _copy(parts[b, i], rest[i])
        floor = 0.0
        for k in range(most):
            longest, pivot = 0.0, 0
            for i in range(n):
                square = _dot(rest[i], rest[i])
                if square > longest:
                    longest, pivot = square, i
            if k == 0:
                floor = np.sqrt(longest) * max(n, d) * STEP
            if np.sqrt(longest) <= floor:
                break
            _copy(rest[pivot], frame[k])
            for j in range(k):  # a short remainder has lost its right angles
                _subtract(frame[k], frame[j], _dot(frame[k], frame[j]))
            _divide(frame[k], np.sqrt(_dot(frame[k], frame[k])))
            for i in range(n):
                corners[b, i, k] = _dot(rest[i], frame[k])
                _subtract(rest[i], frame[k], corners[b, i, k])
            goals[b, k] = _dot(left, frame[k])
            _subtract(left, frame[k], goals[b, k])
            ranks[b] = k + 1
        off[b] = np.sqrt(_dot(left, left))
    return corners, goals, ranks, off


@compiled()
def _exchange(corners, goals, ranks, cone):
    """Weights (batch, n) of the nearest points, and whether each is certified."""
    batch, n, r = corners.shape
    weights, solved = np.zeros((batch, n)), np.zeros(batch, dtype=np.bool_)
    chosen, trial = np.empty(n, dtype=np.int64), np.empty(n)
    columns, upper = np.empty((n, r)), np.empty((n, n))
    aim, gap = np.empty(r), np.empty(r)
    for b in range(batch):
        count, most = 0, ranks[b] if cone else ranks[b] + 1  # more chosen parts would be dependent
        if not cone:
            chosen[0], count = _closest(corners[b], goals[b]), 1
            weights[b, chosen[0]] = 1.0
        size = 1.0 + np.sqrt(_dot(goals[b], goals[b]))
        for _ in range(10 * n + 10):
            _copy(goals[b], gap)
            for k in range(count):
                _subtract(gap, corners[b, chosen[k]], weights[b, chosen[k]])
            distance = np.sqrt(_dot(gap, gap))
            ahead, enter = _furthest(corners[b], weights[b], gap, cone)
            solved[b] = min(ahead, distance * distance) <= CERTIFIED * size * distance
            if ahead <= GAIN * distance or distance <= STEP * size or count >= most or weights[b, enter] > 0:
                break
            chosen[count], count = enter, count + 1
            while True:
                if not _least_squares(corners[b], goals[b], chosen[:count], cone, columns, upper, aim, trial):
                    count = 0
                    break
                if weights[b, enter] == 0.0 and trial[count - 1] <= 0:
                    count = 0  # within rounding the entering part gains nothing
                    break
                length, leave = 1.0, -1
                for k in range(count):
                    held = weights[b, chosen[k]]
                    if trial[k] <= 0 and held <= length * (held - trial[k]):
                        length, leave = held / (held - trial[k]) if held > 0 else 0.0, k  # both may be 0
                for k in range(count):
                    held = weights[b, chosen[k]]
                    weights[b, chosen[k]] = trial[k] if leave < 0 else max(held + length * (trial[k] - held), 0.0)
                if leave < 0:
                    break
                weights[b, chosen[leave]] = 0.0
                count -= 1
                for k in range(leave, count):
                    chosen[k] = chosen[k + 1]
            if count == 0:
                break
    return weights, solved


@compiled()
def _closest(corners, goal):
    best, nearest = np.inf, 0
    for i in range(len(corners)):
        square = 0.0
        for k in range(len(goal)):
            square += (corners[i, k] - goal[k]) ** 2
        if square < best:
            best, nearest = square, i
    return nearest


@compiled()
def _furthest(corners, weights, gap, cone):
    """How far the best part lies towards the target beyond the present point, times the distance; and that part."""
    n = len(corners)
    best, enter, present = -np.inf, 0, 0.0
    for i in range(n):
        along = _dot(corners[i], gap)
        if not cone:
            present += weights[i] * along
        if along > best:
            best, enter = along, i
    return best - present, enter


@compiled()
def _least_squares(corners, goal, chosen, cone, columns, upper, aim, trial):
    """Fill ``trial`` with the weights that reach nearest to the goal from the span of the chosen parts.

    The span of a hull is affine: the first chosen part is subtracted and takes what the others leave of the sum 1.
    Columns are made orthogonal one by one, the goal with them. False if the chosen parts are dependent.
    """
    first = 0 if cone else 1
    count, r = len(chosen) - first, len(goal)
    for k in range(r):
        base = 0.0 if cone else corners[chosen[0], k]
        aim[k] = goal[k] - base
        for j in range(count):
            columns[j, k] = corners[chosen[j + first], k] - base
    for j in range(count):
        before = 0.0
        for k in range(j):
            before += upper[k, j] ** 2
        square = _dot(columns[j], columns[j])
        if square <= (4 * STEP) ** 2 * (before + square):
            return False
        upper[j, j] = np.sqrt(square)
        _divide(columns[j], upper[j, j])
        for k in range(j + 1, count):
            upper[j, k] = _dot(columns[j], columns[k])
            _subtract(columns[k], columns[j], upper[j, k])
        trial[j + first] = _dot(columns[j], aim)
        _subtract(aim, columns[j], trial[j + first])
    for j in range(count - 1, -1, -1):
        for k in range(j + 1, count):
            trial[j + first] -= upper[j, k] * trial[k + first]
        trial[j + first] /= upper[j, j]
    if not cone:
        trial[0] = 1.0
        for j in range(count):
            trial[0] -= trial[j + 1]
    return True


@compiled()
def _dot(a, b):
    total = 0.0
    for k in range(len(a)):
        total += a[k] * b[k]
    return total


@compiled()
def _subtract(vector, other, factor):
    for k in range(len(vector)):
        vector[k] -= factor * other[k]


@compiled()
def _divide(vector, by):
    for k in range(len(vector)):
        vector[k] /= by


@compiled()
def _copy(vector, to):
    for k in range(len(vector)):
        to[k] = vector[k]
