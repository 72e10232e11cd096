"""How far two linear subspaces are turned against each other."""

import numpy as np

RANK = 1e-6  # of the largest singular value: at or below it, a direction is none


def angles(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Principal angles between the column spaces of two matrices, from 0 to 90 degrees, ascending.

    Björck & Golub 1973.

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
        raise ValueError(
            f"the columns must have the same length; got {len(first)} and {len(second)}"
        )
    from scipy.linalg import orth, subspace_angles

    # orth leaves out directions that are none, which subspace_angles would turn at random
    one, other = (orth(each.astype(np.float64), rcond=RANK) for each in (first, second))
    return np.degrees(subspace_angles(one, other))[::-1]
