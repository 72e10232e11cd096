"""Running what is asynchronous from a test."""

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")


def done(work: Coroutine[None, None, T]) -> T:
    """Its result, from a thread of its own: where tests have driven a browser, this one runs that
    browser's event loop.
    """
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()
