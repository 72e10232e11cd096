"""How many threads the clustering scores are computed on."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module


@contextmanager
def one_thread() -> Iterator[None]:
    """One for every library: several wait for each other at each step of k-means, for most of the
    time on a busy machine.
    """
    from threadpoolctl import threadpool_limits

    import_module(
        "sklearn.cluster"
    )  # threads can be limited only once the library that has them is there
    with threadpool_limits(1):
        yield
