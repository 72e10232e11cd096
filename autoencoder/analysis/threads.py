"""How many threads the numerical libraries compute on: on a busy machine, several wait for each
other for most of the time.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module


def use_one_thread() -> None:
    """From now on, for a process that does other things besides: pages share the cores with each
    other and with a training.
    """
    from threadpoolctl import threadpool_limits

    threadpool_limits(1)


@contextmanager
def one_thread() -> Iterator[None]:
    """One for every library while the block lasts, scikit-learn's among them."""
    from threadpoolctl import threadpool_limits

    import_module(
        "sklearn.cluster"
    )  # threads can be limited only once the library that has them is there
    with threadpool_limits(1):
        yield
