"""Covariances under the Bures distance: barycenter, distance and geodesic of positive definite matrices (..., d, d)."""

from array_api_compat import array_namespace

from mixlib.arrays import finite
from mixlib.carriers.base import refuse_fraction

SETTLED = 15  # rounds after which what is left may be rounding; well-conditioned covariances need fewer
UNEVEN = 200.0  # condition of Cholesky factors beyond which products of three matrices lose too many digits
SMALLEST = 1e-37  # a number above 0 in every dtype
SMALL = 200  # rows, up to which a call costs about as much as its sums, and eigenvectors more than another round
SMALL_STEP = 0.001  # of a square root, over its smaller eigenvalue, that needs no eigenvectors of its own
HISTORY = 3  # rounds that are mixed to foretell where they lead; more cost more and gain little


def barycenter(covariances, weights, tolerance=None, max_rounds=100, who="mean"):
    r"""The Bures barycenter (..., d, d) of covariances (..., k, d, d), for weights (k,) or (..., k) on the simplex.

    It solves :math:`S = \sum_i w_i (S^{1/2} C_i S^{1/2})^{1/2}`. A round, for any root of :math:`S = M M^\top`, is

    .. math:: M \leftarrow M^{-\top} \sum_i w_i (M^\top C_i M)^{1/2}

    and rounds are mixed by Anderson's method, which takes about two of three. They stop when what is left of the
    relative change, or what the last two of them foretell of the next, is at most ``tolerance``; ``None`` is 100
    rounding steps of the dtype times the dimension, or after some rounds as many as the covariances' condition leaves.

    Source: Álvarez-Esteban et al. 2016; Walker & Ni 2011.

    Raises
    ------
    RuntimeError
        If it is not after ``max_rounds``; it says ``who`` gave up.
    """
    xp, d = array_namespace(covariances), covariances.shape[-1]
    counted = xp.linalg.diagonal(covariances) * (weights > 0)[..., None]
    unit = xp.max(counted, axis=(-2, -1))[..., None, None]  # no unit is too small or too large
    covariances = covariances / unit[..., None]
    halves = xp.linalg.cholesky(covariances)
    pivots = xp.linalg.diagonal(halves)
    uneven = float((xp.max(pivots, axis=-1) / xp.min(pivots, axis=-1)).max())
    halves = halves if uneven > UNEVEN else None
    eased = uneven if tolerance is None else 1
    tolerance = 100 * d * float(xp.finfo(covariances.dtype).eps) if tolerance is None else tolerance
    root = xp.linalg.cholesky(_summed(xp, weights, covariances))
    flat, before, images, bases = _flat(xp, root), 1.0, None, None
    eye, step = _eye(xp, root, max(d, HISTORY + 1)), float(xp.finfo(root.dtype).eps)
    size = (flat * flat).sum(-1)
    for round_ in range(max_rounds):
        if halves is None:
            found, bases = _improved(xp, root, covariances, weights, eye[:d, :d], bases)
        else:
            found = _exactly_improved(xp, root, halves, weights)
        image = _flat(xp, found)
        change = image - flat
        left = 2 * float(((change * change).sum(-1) / size).max()) ** 0.5
        if round_ == SETTLED:
            tolerance *= eased
        # rounds shrink the change by a nearly constant factor, so the next need not be run to know that it is small
        if left <= tolerance or 10 * left * left <= tolerance * before:
            return unit * symmetric(found @ found.mT)
        image, change = image[..., None, :], change[..., None, :]
        if images is None or left > before:
            images, changes, root = image, change, found
        else:
            images = xp.concat([images[..., -HISTORY:, :], image], axis=-2)
            changes = xp.concat([changes[..., -HISTORY:, :], change], axis=-2)
            root = xp.reshape(_shares(xp, changes, eye, step) @ images, root.shape)
        flat, before = _flat(xp, root), left
    raise RuntimeError(
        f"{who}: relative residual {left:.3g} is above the tolerance {tolerance:.3g} after {max_rounds} rounds; "
        "the covariances may be nearly singular, raise tolerance or max_rounds"
    )


def residual(centre, covariances, weights):
    """How far a matrix is from the barycenter: what a round changes in it, relative to its size (...)."""
    xp = array_namespace(centre)
    image, _ = _improved(xp, xp.linalg.cholesky(centre), covariances, weights, _eye(xp, centre))
    change = _flat(xp, image @ image.mT - centre)
    return xp.sqrt(xp.sum(change**2, axis=-1) / xp.sum(_flat(xp, centre) ** 2, axis=-1))


def _improved(xp, root, covariances, weights, eye, bases=None):
    """One round, and the bases in which the next may take its square roots by products of matrices alone.

    There a root that is nearly right, ``R``, is mended by Newton's step: what ``R R`` lacks, over the sum of the two
    eigenvalues that belong to an entry. Steps that are not small ask for eigenvectors of their own.
    """
    if bases is not None:
        vectors, sums, least, roots = bases
        turn = root[..., None, :, :] @ vectors
        step = (turn.mT @ covariances @ turn - roots @ roots) / sums
        if float((abs(step) / least).max()) < (10 * SMALL_STEP if root.shape[-1] <= SMALL else SMALL_STEP):
            roots = roots + step
            total = _summed(xp, weights, vectors @ roots @ vectors.mT)
            return _carried(xp, root, total), (vectors, sums, least, roots)
    across = root.mT
    values, vectors = xp.linalg.eigh(across[..., None, :, :] @ covariances @ root[..., None, :, :])
    values = xp.sqrt((values + abs(values)) / 2 + SMALLEST)
    total = _summed(xp, weights, (vectors * values[..., None, :]) @ vectors.mT)
    columns, rows = values[..., None], values[..., None, :]
    bases = vectors, columns + rows, xp.minimum(columns, rows), columns * eye
    return _carried(xp, root, total), bases


def _carried(xp, root, total):
    """``root^{-T} total``: for small matrices by the inverse, for which a call takes half the time."""
    if root.shape[-1] <= SMALL:
        return xp.linalg.inv(root).mT @ total
    return xp.linalg.solve(root.mT, total)


def _exactly_improved(xp, root, halves, weights):
    """One round by Cholesky factors of the covariances, which takes longer and keeps more digits."""
    axes, values, _ = xp.linalg.svd(root.mT[..., None, :, :] @ halves)
    return xp.linalg.solve(root.mT, _summed(xp, weights, (axes * values[..., None, :]) @ axes.mT))


def _shares(xp, changes, eye, step):
    """Shares (..., 1, m) that sum to 1 and with which changes (..., m, n) nearly cancel.

    Anderson's method mixes the images of the rounds by them.
    """
    m, gram = changes.shape[-2], changes @ changes.mT
    # equal directions, or no change at all, would leave the system singular
    eased = gram + (1e2 * step * gram + SMALLEST) * eye[:m, :m]
    shares = xp.linalg.inv(eased).sum(-2)[..., None, :]
    return shares / shares.sum(-1)[..., None]


def _summed(xp, weights, matrices):
    """Matrices (..., k, d, d), weighted and summed."""
    shape = matrices.shape
    flat = xp.reshape(matrices, (*shape[:-2], shape[-1] ** 2))
    return xp.reshape(weights[..., None, :] @ flat, (*shape[:-3], *shape[-2:]))


def _flat(xp, matrices):
    return xp.reshape(matrices, (*matrices.shape[:-2], matrices.shape[-1] ** 2))


def _eye(xp, like, size=None):
    return xp.eye(size or like.shape[-1], dtype=like.dtype, device=like.device)


def squared_distance(a, b):
    """The squared Bures distance (...): that of square roots, aligned by the best rotation, so that no digits are lost.

    Source: Bhatia et al. 2019.
    """
    xp = array_namespace(a)
    root_a, root_b = xp.linalg.cholesky(a), xp.linalg.cholesky(b)
    left, _, right = xp.linalg.svd(root_b.mT @ root_a, full_matrices=False)
    return xp.sum((root_a - root_b @ (left @ right)) ** 2, axis=(-2, -1))


def geodesic(a, b, t):
    r"""The matrix at ``t``, an array that broadcasts against the batch, of the way from ``a`` to ``b``.

    .. math:: S_t = ((1 - t) I + t A)\, S_a\, ((1 - t) I + t A), \quad A = L^{-\top} (L^\top S_b L)^{1/2} L^{-1}

    with :math:`S_a = L L^\top`; ``A`` is the optimal map.
    """
    xp = array_namespace(a)
    root = xp.linalg.cholesky(a)
    inverse = xp.linalg.inv(root)
    transport = inverse.mT @ square_root(root.mT @ b @ root) @ inverse
    step = (1 - t)[..., None, None] * _eye(xp, a) + t[..., None, None] * transport
    refuse_beyond(t, step, "a direction has shrunk to nothing on the way")
    return symmetric(step @ a @ step)


def refuse_beyond(t, matrices, why):
    """Refuse a ``t`` (...) outside of 0 to 1 where symmetric matrices (..., d, d) are not positive definite."""
    xp = array_namespace(t)
    if bool(xp.any((t < 0) | (t > 1))):
        values = xp.linalg.eigvalsh(symmetric(matrices))
        rounding = 4 * matrices.shape[-1] * float(xp.finfo(matrices.dtype).eps)
        refuse_fraction(t, values[..., 0] <= rounding * xp.max(xp.abs(values), axis=-1), why)


def square_root(matrices):
    """The symmetric square roots of positive semidefinite matrices (..., d, d)."""
    xp = array_namespace(matrices)
    values, vectors = xp.linalg.eigh(matrices)  # of the lower triangles
    roots = xp.sqrt(xp.clip(values, min=0.0))
    return (vectors * roots[..., None, :]) @ vectors.mT


def symmetric(matrices):
    """The symmetric part of matrices."""
    return (matrices + matrices.mT) / 2


def check_positive(matrices, name, what="covariance", singular=False):
    """The matrices, if they are finite, symmetric and positive definite; or a ValueError that says which they are not.

    A matrix is refused too if a Cholesky pivot is within rounding of 0, beside the entry of the diagonal that it is
    left of: the units of single coordinates do not matter. With ``singular`` eigenvalues may be 0, but for rounding.
    """
    xp = array_namespace(matrices)
    step = float(xp.finfo(matrices.dtype).eps)
    # one comparison serves most matrices; NaN is not equal to itself, and infinity has no pivots
    if not bool((matrices == matrices.mT).all()) and bool(xp.any(_skewness(finite(matrices, name)) > 1e4 * step)):
        raise ValueError(f"{name}: a {what} is not symmetric, shape {tuple(matrices.shape)}; pass (C + C.T) / 2")
    try:
        pivots = xp.linalg.diagonal(xp.linalg.cholesky(matrices)) ** 2
        positive = bool(xp.all(pivots > step * matrices.shape[-1] * xp.linalg.diagonal(matrices)))
    except (ValueError, RuntimeError):  # NumPy's and torch's LinAlgError
        positive = False
    if not positive:
        finite(matrices, name)
        values = xp.linalg.eigvalsh(matrices)
        if singular and bool(xp.all(values[..., 0] >= -1e3 * step * values[..., -1])):
            return matrices
        smallest = xp.min(values).item()
        raise ValueError(
            f"{name}: a {what} is not positive definite (smallest eigenvalue {smallest:.3g}); "
            "add a small multiple of the identity"
        )
    return matrices


def _skewness(matrices):
    """The largest difference to the transpose, over the largest entry (...)."""
    xp = array_namespace(matrices)
    size = xp.max(xp.abs(matrices), axis=(-2, -1))
    return xp.max(xp.abs(matrices - matrices.mT), axis=(-2, -1)) / xp.where(size > 0, size, xp.ones_like(size))
