"""How far two linear subspaces are turned against each other."""

import numpy as np

RANK = 1e-6  # of the largest singular value: at or below it, a direction is none


def angles(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Principal angles between the column spaces of two matrices, from 0 to 90 degrees, ascending.

    From their cosines and their sines together, since either alone is coarse at one end: Björck &
    Golub 1973.

    Args:
        first: (P, D) with at least one column that is not 0.
        second: (P, E), likewise.

    Returns:
        (K,), where K is the smaller of the two ranks.

    Raises:
        ValueError: The columns have different lengths, a number is not finite, or a matrix is 0.
    """
    for matrix in (first, second):
        if matrix.ndim != 2 or not np.isfinite(matrix).all() or not matrix.any():
            raise ValueError("angles need two matrices of finite numbers that are not all 0")
    if len(first) != len(second):
        raise ValueError(f"the columns must be of one length; got {len(first)} and {len(second)}")
    wide, narrow = sorted((_basis(first), _basis(second)), key=lambda basis: -basis.shape[1])
    inner = wide.T @ narrow
    cosines = np.linalg.svd(inner, compute_uv=False)  # descending
    sines = np.linalg.svd(narrow - wide @ inner, compute_uv=False)[::-1]
    return np.degrees(np.arctan2(sines, cosines))


def _basis(matrix: np.ndarray) -> np.ndarray:
    """An orthonormal basis (P, K) of the column space."""
    left, sizes, _ = np.linalg.svd(matrix.astype(np.float64), full_matrices=False)
    return left[:, sizes > RANK * sizes[0]]
