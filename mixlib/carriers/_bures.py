"""Covariances under the Bures distance: barycenter, distance and geodesic of positive definite matrices (..., d, d)."""

from array_api_compat import array_namespace

from mixlib.arrays import finite

SETTLED = 15  # rounds after which what is left may be rounding; well-conditioned covariances need fewer
UNEVEN = 200.0  # condition of Cholesky factors beyond which products of three matrices lose too many digits
START = 0.1  # relative change below which rounds are mixed
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
    halves = xp.linalg.cholesky(covariances)
    pivots = xp.linalg.diagonal(halves)
    uneven = xp.max(xp.max(pivots, axis=-1) / xp.min(pivots, axis=-1)).item()
    halves = halves if uneven > UNEVEN else None
    eased = uneven if tolerance is None else 1
    tolerance = 100 * d * float(xp.finfo(covariances.dtype).eps) if tolerance is None else tolerance
    root, before = xp.linalg.cholesky(xp.sum(weights[..., None, None] * covariances, axis=-3)), 1.0
    images, changes = [], []
    for round_ in range(max_rounds):
        image = _improved(root, covariances, weights, halves)
        change = image - root
        left = 2 * xp.max(_norm(change) / _norm(root)).item()
        # rounds shrink the change by a nearly constant factor, so the next need not be run to know that it is small
        if round_ == SETTLED:
            tolerance *= eased
        if left <= tolerance or 10 * left * left <= tolerance * before:
            return symmetric(image @ xp.matrix_transpose(image))
        if left > before or left > START:
            images, changes = [], []
        images, changes = [*images[-HISTORY:], image], [*changes[-HISTORY:], change]
        root, before = _mixed(images, changes), left
    raise RuntimeError(
        f"{who}: relative residual {left:.3g} is above the tolerance {tolerance:.3g} after {max_rounds} rounds; "
        "the covariances may be nearly singular, raise tolerance or max_rounds"
    )


def residual(centre, covariances, weights):
    """How far a matrix is from the barycenter: what a round changes in it, relative to its size (...)."""
    xp = array_namespace(centre)
    image = _improved(xp.linalg.cholesky(centre), covariances, weights)
    return _norm(image @ xp.matrix_transpose(image) - centre) / _norm(centre)


def _improved(root, covariances, weights, halves=None):
    """The next root; by Cholesky factors of the covariances, if given, which takes longer and keeps more digits."""
    xp = array_namespace(root)
    if halves is not None:
        axes, values, _ = xp.linalg.svd(xp.matrix_transpose(root)[..., None, :, :] @ halves)
        roots = (axes * values[..., None, :]) @ xp.matrix_transpose(axes)
        return xp.linalg.solve(xp.matrix_transpose(root), xp.sum(weights[..., None, None] * roots, axis=-3))
    turned = xp.matrix_transpose(root)[..., None, :, :] @ covariances @ root[..., None, :, :]
    total = xp.sum(weights[..., None, None] * square_root(turned), axis=-3)
    return xp.linalg.solve(xp.matrix_transpose(root), total)


def _mixed(images, changes):
    """The mixture of images whose changes, mixed likewise, nearly cancel."""
    if len(images) == 1:
        return images[0]
    xp, last = array_namespace(changes[-1]), changes[-1]
    steps = xp.stack([xp.reshape(last - change, (*last.shape[:-2], -1)) for change in changes[:-1]], axis=-2)
    gram = steps @ xp.matrix_transpose(steps)
    # equal steps leave the system singular, and no steps leave it empty
    trace = xp.linalg.trace(gram)[..., None, None]
    ridge = float(xp.finfo(last.dtype).eps) * trace + float(xp.finfo(last.dtype).smallest_normal)
    gram = gram + ridge * xp.eye(gram.shape[-1], dtype=last.dtype, device=last.device)
    shares = xp.linalg.solve(gram, steps @ xp.reshape(last, (*last.shape[:-2], -1, 1)))[..., None]
    return images[-1] - sum(shares[..., i, :, :] * (images[-1] - image) for i, image in enumerate(images[:-1]))


def _norm(matrices):
    return array_namespace(matrices).linalg.matrix_norm(matrices)


def squared_distance(a, b):
    """The squared Bures distance (...): that of square roots, aligned by the best rotation, so that no digits are lost.

    Source: Bhatia et al. 2019.
    """
    xp = array_namespace(a)
    root_a, root_b = xp.linalg.cholesky(a), xp.linalg.cholesky(b)
    left, _, right = xp.linalg.svd(xp.matrix_transpose(root_b) @ root_a, full_matrices=False)
    return xp.sum((root_a - root_b @ (left @ right)) ** 2, axis=(-2, -1))


def geodesic(a, b, t):
    r"""The matrix at ``t``, an array that broadcasts against the batch, of the way from ``a`` to ``b``.

    .. math:: S_t = ((1 - t) I + t A)\, S_a\, ((1 - t) I + t A), \quad A = L^{-\top} (L^\top S_b L)^{1/2} L^{-1}

    with :math:`S_a = L L^\top`; ``A`` is the optimal map.
    """
    xp = array_namespace(a)
    root = xp.linalg.cholesky(a)
    inverse = xp.linalg.inv(root)
    transport = xp.matrix_transpose(inverse) @ square_root(xp.matrix_transpose(root) @ b @ root) @ inverse
    identity = xp.eye(a.shape[-1], dtype=a.dtype, device=a.device)
    step = (1 - t)[..., None, None] * identity + t[..., None, None] * transport
    return symmetric(step @ a @ step)


def square_root(matrices):
    """The symmetric square roots of positive semidefinite matrices (..., d, d)."""
    xp = array_namespace(matrices)
    values, vectors = xp.linalg.eigh(symmetric(matrices))
    roots = xp.sqrt(xp.where(values > 0, values, xp.zeros_like(values)))
    return (vectors * roots[..., None, :]) @ xp.matrix_transpose(vectors)


def symmetric(matrices):
    """The symmetric part of matrices."""
    return (matrices + array_namespace(matrices).matrix_transpose(matrices)) / 2


def check_positive(matrices, name, what="covariance"):
    """The matrices, if they are finite, symmetric and positive definite; or a ValueError that says which they are not.

    A matrix is refused too if a Cholesky pivot is within rounding of 0, beside the entry of the diagonal that it is
    left of: the units of single coordinates do not matter.
    """
    xp = array_namespace(matrices)
    step, size = float(xp.finfo(matrices.dtype).eps), xp.max(xp.abs(finite(matrices, name)), axis=(-2, -1))
    skew = xp.max(xp.abs(matrices - xp.matrix_transpose(matrices)), axis=(-2, -1))
    if bool(xp.any(skew > 1e4 * step * size)):
        raise ValueError(f"{name}: a {what} is not symmetric, shape {tuple(matrices.shape)}; pass (C + C.T) / 2")
    try:
        pivots = xp.linalg.diagonal(xp.linalg.cholesky(matrices)) ** 2
        positive = bool(xp.all(pivots > step * matrices.shape[-1] * xp.linalg.diagonal(matrices)))
    except (ValueError, RuntimeError):  # NumPy's and torch's LinAlgError
        positive = False
    if not positive:
        smallest = xp.min(xp.linalg.eigvalsh(matrices)).item()
        raise ValueError(
            f"{name}: a {what} is not positive definite (smallest eigenvalue {smallest:.3g}); "
            "add a small multiple of the identity"
        )
    return matrices
