"""The live view of a training: loss curves, latent map and reconstructions of one epoch, and a
scrubber over the epochs.

The browser's half is export/browser/training/training_view.js.
"""

from pathlib import Path

from autoencoder.export.browser.views import TRAINING
from autoencoder.ui.components.mounting import component

_mount = component("training_view", Path(__file__).parent, TRAINING)


def training_view(film: bytes, *, key: str) -> None:
    """Draw a training; `film` is what `film_bytes` returns. Only frames that the browser has not
    got yet need to be in it: it keeps what it was given, by run.

    Pass all of them whenever the page is drawn anew, and the newest few in the reruns of a
    fragment: a message that is followed by another at once may never reach the browser. A frame
    that is passed again replaces the older one.
    """
    _mount(key=key, data=film)
