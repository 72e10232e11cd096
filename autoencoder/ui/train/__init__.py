"""The Train page: the form, what its network costs, the queue, and a training as it goes on."""

from autoencoder.ui.train.data_preview import data_preview
from autoencoder.ui.train.estimate import estimate
from autoencoder.ui.train.explanation import EXPLANATION, FORMULA
from autoencoder.ui.train.form import training_form
from autoencoder.ui.train.form_from_link import fill_from_link
from autoencoder.ui.train.network_picture import network_picture
from autoencoder.ui.train.own_images import own_images
from autoencoder.ui.train.queue import queue_list
from autoencoder.ui.train.sweep import sweep_button
from autoencoder.ui.train.watch import start, watch

__all__ = [
    "EXPLANATION",
    "FORMULA",
    "data_preview",
    "estimate",
    "fill_from_link",
    "network_picture",
    "own_images",
    "queue_list",
    "start",
    "sweep_button",
    "training_form",
    "watch",
]
