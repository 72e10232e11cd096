"""Settings from the environment."""

import sys
from pathlib import Path

import pytest

from autoencoder.config.settings import Settings


@pytest.mark.skipif(sys.platform != "linux", reason="other systems keep caches elsewhere")
@pytest.mark.parametrize(("cache", "folder"), [(None, "~/.cache"), ("", "~/.cache"), ("/c", "/c")])
def test_data_lives_in_the_cache_folder(monkeypatch, cache, folder):
    """~/.cache/latent-lab unless XDG_CACHE_HOME names another place for caches."""
    monkeypatch.delenv("AUTOENCODER_DATA", raising=False)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    if cache is not None:
        monkeypatch.setenv("XDG_CACHE_HOME", cache)

    assert Settings.from_environment().data == Path(folder).expanduser() / "latent-lab"
