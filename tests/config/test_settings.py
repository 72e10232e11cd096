"""Settings from the environment."""

import sys
from pathlib import Path

import pytest

from autoencoder.config.settings import Settings
from autoencoder.errors import ConfigError


@pytest.mark.skipif(sys.platform != "linux", reason="other systems keep caches elsewhere")
@pytest.mark.parametrize(("cache", "folder"), [(None, "~/.cache"), ("", "~/.cache"), ("/c", "/c")])
def test_data_lives_in_the_cache_folder(monkeypatch, cache, folder):
    """~/.cache/latent-lab unless XDG_CACHE_HOME names another place for caches."""
    monkeypatch.delenv("AUTOENCODER_DATA", raising=False)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    if cache is not None:
        monkeypatch.setenv("XDG_CACHE_HOME", cache)

    assert Settings.from_environment().data == Path(folder).expanduser() / "latent-lab"


def test_how_much_may_be_uploaded_is_a_number_of_megabytes(monkeypatch):
    """AUTOENCODER_UPLOAD_MB, 200 if it is not set; 0 switches uploads off; words are refused."""
    monkeypatch.delenv("AUTOENCODER_UPLOAD_MB", raising=False)
    assert Settings.from_environment().upload_mb == 200
    monkeypatch.setenv("AUTOENCODER_UPLOAD_MB", "0")
    assert Settings.from_environment().upload_mb == 0
    for wrong in ("much", "-1", "1.5", "9" * 20):
        monkeypatch.setenv("AUTOENCODER_UPLOAD_MB", wrong)
        with pytest.raises(ConfigError, match="AUTOENCODER_UPLOAD_MB must be a whole number"):
            Settings.from_environment()
