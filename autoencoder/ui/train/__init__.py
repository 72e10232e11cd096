"""The Train page: the form, what its network costs, the queue, and a training as it goes on."""

from autoencoder.ui.train.data_preview import data_preview
from autoencoder.ui.train.estimate import estimate
from autoencoder.ui.train.form import training_form
from autoencoder.ui.train.network_picture import network_picture
from autoencoder.ui.train.queue import fill_from_link, sweep_button, under_way
from autoencoder.ui.train.watch import watch

__all__ = [
    "data_preview",
    "estimate",
    "fill_from_link",
    "network_picture",
    "sweep_button",
    "training_form",
    "under_way",
    "watch",
]
