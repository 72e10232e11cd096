"""The nearest neighbours of points: exact, in blocks, and the same for every part of the program.

Shapes: M = points, Q = queries, D = dimensions, k = neighbours, B = queries of one block.

A matrix product in float32 gives a lower bound of every squared distance. The few points whose
bound is small enough to be among the nearest are measured again in float64, from the differences.
"""

import numpy as np

BLOCK = 1 << 23  # lower bounds held at once
GROUPS = 256  # into which the points are split, at least, to find a few that are near
MANY = 512  # candidates of one query, above which it is measured against all points instead
NUMBERS = 1 << 17  # of a block of differences, which then stays in the processor
TINY = 1e-30  # added to bounds: what float32 may lose below its smallest number


class Neighbours:
    """Points (M, ...), M at least 1, prepared so that nearest ones can be looked up many times.

    Numbers that are not finite are allowed: such a point is the neighbour of none but by necessity.
    """

    def __init__(self, points: np.ndarray) -> None:
        self._points = _flat(points)
        self._unit = _unit(self._points)
        with np.errstate(over="ignore", invalid="ignore"):
            self._middle = _finite_mean(self._points)
            self._centred = self._scaled(self._points)
            self._lengths = _squared_lengths(self._centred)
        # of |x|^2 + |y|^2 - 2xy in float32, as a share of |x|^2 + |y|^2
        self._error = np.float32(4 * (self._points.shape[1] + 8) * np.finfo(np.float32).eps)

    def nearest(
        self, k: int, queries: np.ndarray | None = None, itself: np.ndarray | None = None
    ) -> tuple[np.ndarray, np.ndarray]:
        """The k points nearest to each query, nearest first; of equally near ones the first.

        Args:
            k: From 1 to M, or to M - 1 where `itself` is given.
            queries: (Q, ...); None for all points, each without itself.
            itself: Index (Q,) of the point that each query is, which is no neighbour of its own.

        Returns:
            Indices (Q, k) and Euclidean distances (Q, k), float64.

        Raises:
            ValueError: If k is out of range, or the queries have another number of dimensions.
        """
        rows = self._points if queries is None else _flat(queries)
        itself = np.arange(len(rows)) if queries is None else itself
        others = len(self._points) - (itself is not None)
        if not 1 <= k <= others:
            raise ValueError(f"k must be from 1 to {others}; got {k}")
        if rows.shape[1] != self._points.shape[1]:
            raise ValueError(
                f"queries must have {self._points.shape[1]} dimensions; got {rows.shape[1]}"
            )
        indices, squares = np.empty((len(rows), k), np.int64), np.empty((len(rows), k))
        step = max(1, BLOCK // len(self._points))
        for start in range(0, len(rows), step):
            block = slice(start, start + step)
            excluded = None if itself is None else itself[block]
            with np.errstate(over="ignore", invalid="ignore"):
                indices[block], squares[block] = self._block(rows[block], k, excluded)
        return indices, np.sqrt(squares) * self._unit

    def _block(
        self, queries: np.ndarray, k: int, itself: np.ndarray | None
    ) -> tuple[np.ndarray, np.ndarray]:
        """Indices and squared distances (B, k); `itself` (B,) is the point each query is."""
        lower, upper = self._bounds(queries, k, itself)
        candidates = lower <= upper[:, None]
        counts = np.count_nonzero(candidates, axis=1)
        hard = (counts < k) | (counts > max(MANY, 4 * k))
        candidates[hard] = False
        rows, columns = np.nonzero(candidates)
        squares = self._squares(queries, rows, columns)
        order = np.lexsort((squares, rows))  # stable: the first of equally near ones comes first
        starts = np.concatenate([[0], np.cumsum(np.where(hard, 0, counts))[:-1]])
        first = order[(starts[~hard, None] + np.arange(k)).ravel()].reshape(-1, k)
        indices, nearest = np.empty((len(queries), k), np.int64), np.empty((len(queries), k))
        indices[~hard], nearest[~hard] = columns[first], squares[first]
        for row in np.flatnonzero(hard):
            excluded = None if itself is None else itself[row]
            indices[row], nearest[row] = self._against_all(queries[row], k, excluded)
        return indices, nearest

    def _bounds(
        self, queries: np.ndarray, k: int, itself: np.ndarray | None
    ) -> tuple[np.ndarray, np.ndarray]:
        """In the unit of `_scaled`: lower bounds of all squared distances (B, M), float32, and one
        upper bound (B,) of those of the k nearest.
        """
        centred = self._scaled(queries)
        lengths = _squared_lengths(centred)
        lower = (-2 * centred) @ self._centred.T
        lower += self._lengths * (1 - self._error)
        lower += (lengths * (1 - self._error))[:, None]
        if itself is not None:
            lower[np.arange(len(lower)), itself] = np.inf
        near = _some_near(lower, k)
        errors = self._error * (lengths[:, None] + self._lengths[near])
        upper = np.take_along_axis(lower, near, axis=1) + 2 * errors
        return lower, upper.max(axis=1) * np.float32(1 + 1e-6) + np.float32(TINY)

    def _squares(self, queries: np.ndarray, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
        """Squared distances of pairs: query `rows` (P,) and point `columns` (P,), float64."""
        squares = np.empty(len(rows))
        step = max(1, NUMBERS // self._points.shape[1])
        for start in range(0, len(rows), step):
            part = slice(start, start + step)
            one, other = queries[rows[part]], self._points[columns[part]]
            apart = np.subtract(one, other, dtype=np.float64)
            apart *= 1 / self._unit
            squares[part] = _squared_lengths(apart)
        return squares

    def _against_all(
        self, query: np.ndarray, k: int, itself: int | None
    ) -> tuple[np.ndarray, np.ndarray]:
        """The same for one query (D,), by its distance to every point."""
        everything = np.arange(len(self._points))
        squares = self._squares(query[None], np.zeros_like(everything), everything)
        if itself is not None:
            squares[itself] = np.nan  # which sorts last, after infinite ones
        order = np.argsort(squares, kind="stable")
        order = order[order != itself][:k]
        return order, squares[order]

    def _scaled(self, points: np.ndarray) -> np.ndarray:
        """About the middle of all points, the greatest number about 1, as float32."""
        centred = (points - self._middle) * points.dtype.type(1 / self._unit)
        return centred.astype(np.float32, copy=False)


def nearest(
    points: np.ndarray,
    k: int,
    queries: np.ndarray | None = None,
    itself: np.ndarray | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Indices and Euclidean distances (Q, k) of the k nearest of points (M, ...) to each query.

    See `Neighbours.nearest`, which is faster where the same points are asked many times.
    """
    return Neighbours(points).nearest(k, queries, itself)


def _some_near(lower: np.ndarray, k: int) -> np.ndarray:
    """k different points near to each query, though not always the nearest: (B, k) columns.

    They are the best ones of the k best groups of points: a full partition takes far longer.
    """
    count = lower.shape[1]
    groups = min(count, max(GROUPS, 4 * k))
    width = count // groups  # the last, incomplete round of points is left out
    table = lower[:, : width * groups].reshape(len(lower), width, groups)
    best = np.argpartition(table.min(axis=1), k - 1, axis=1)[:, :k]
    members = np.take_along_axis(table, best[:, None, :], axis=2)
    return members.argmin(axis=1) * groups + best


def _flat(points: np.ndarray) -> np.ndarray:
    """(M, ...) -> (M, D), floating point."""
    flat = np.asarray(points).reshape(len(points), -1)
    return flat if flat.dtype.kind == "f" else flat.astype(np.float64)


def _finite_mean(points: np.ndarray) -> np.ndarray:
    middle = points.mean(axis=0)
    return np.where(np.isfinite(middle), middle, 0).astype(points.dtype)


def _unit(points: np.ndarray) -> float:
    """The power of two just above every finite number, so that no square overflows."""
    largest = max(abs(points.max(initial=0)), abs(points.min(initial=0)))
    if not np.isfinite(largest):
        largest = np.abs(points[np.isfinite(points)]).max(initial=0)
    most = 1_000 if points.dtype == np.float64 else 120
    return float(2.0 ** np.clip(np.frexp(largest)[1], -most, most))


def _squared_lengths(points: np.ndarray) -> np.ndarray:
    """(M, D) -> (M,)."""
    return np.einsum("md,md->m", points, points)
