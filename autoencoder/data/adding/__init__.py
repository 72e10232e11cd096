"""Somebody's own images made into a data set: looked at (`survey`), shown as the network will see
them (`samples`), and prepared (`prepare`).

The names are loaded when they are first used: the process that decodes needs none of them.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from autoencoder.data.adding.preparing import prepare
    from autoencoder.data.adding.sampling import samples
    from autoencoder.data.adding.surveying import Survey, survey

__all__ = ["Survey", "prepare", "samples", "survey"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from autoencoder.data.adding import preparing, sampling, surveying

    modules = {"prepare": preparing, "samples": sampling}
    return getattr(modules.get(name, surveying), name)
