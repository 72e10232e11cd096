"""Data sets of drawn pictures, written into a data folder as if somebody had added them."""

from collections.abc import Sequence
from pathlib import Path

import msgspec
import numpy as np

from autoencoder.config.added_datasets import describe, info_of
from autoencoder.config.datasets import DatasetInfo, ImageShape
from autoencoder.config.run_config import RunConfig
from autoencoder.config.settings import Settings
from autoencoder.data.added import DESCRIPTION, AddedDataset, folder_of
from autoencoder.data.dataset import Dataset, Split, fingerprint
from autoencoder.jobs import CLUSTERING, MIXTURE, Queue
from tests.support.queues import claimed, do, here

STRANGE = ["<b>x</b> **y** [z](http://z)", "n" * 200, "\u200fقط", "$a$ :red[b]"]
MANY = [f"class {index}" for index in range(1_000)]
SETS = {
    "unlabelled": (ImageShape(3, 64, 64), [60], [52], []),
    "two": (ImageShape(1, 28, 40), [20, 20], [26, 26], ["left", "right"]),
    "strange": (ImageShape(3, 16, 16), [3] * 60, [1] * 60, [*STRANGE, *MANY[4:60]]),
    "thousand": (ImageShape(1, 8, 8), [2] * 1_000, [1] * 1_000, MANY),
    "large": (ImageShape(3, 128, 128), [4, 4, 4, 4, 4], [1, 1, 1, 1, 1], MANY[:5]),
    "lonely": (ImageShape(1, 32, 96), [4], [1], ["only"]),
}

MEASURED = ("unlabelled", "strange")


def drawn_images(labels: np.ndarray, shape: ImageShape, seed: int = 0) -> np.ndarray:
    """A picture (N, C, H, W) uint8 for each label: by its class a disc, a bar or a gradient, in a
    colour and a size of its class, at a random place.
    """
    random = np.random.default_rng(seed)
    rows, columns = np.linspace(0, 1, shape.height)[:, None], np.linspace(0, 1, shape.width)
    images = np.empty((len(labels), *shape), np.uint8)
    for image, label in zip(images, labels, strict=True):
        style = np.random.default_rng(int(label))  # the same for all images of a class
        size, colour, angle = (
            style.uniform(0.12, 0.35),
            style.uniform(90, 255, 3),
            style.uniform(0, 3),
        )
        y, x = random.uniform(0.3, 0.7, 2)
        across = (rows - y) * np.cos(angle) + (columns - x) * np.sin(angle)
        forms = [
            (rows - y) ** 2 + (columns - x) ** 2 < size**2,
            np.abs(across) < size / 2,
            np.clip(0.5 + across / (4 * size), 0, 1),
        ]
        form = forms[label % 3] * random.uniform(0.7, 1.0)
        noise = random.normal(0, 4, (shape.height, shape.width))
        for channel in range(shape.channels):
            image[channel] = np.clip(form * colour[channel] + noise + 20, 0, 255)
    return images


def drawn_split(counts: Sequence[int], shape: ImageShape, seed: int = 0) -> Split:
    """As many pictures of each class as `counts` says, mixed."""
    labels = np.repeat(np.arange(len(counts)), counts).astype(np.int64)
    np.random.default_rng(seed).shuffle(labels)
    return Split(drawn_images(labels, shape, seed), labels)


def write_added(
    data: Path, name: str, pictures: Dataset, class_names: Sequence[str] = ()
) -> DatasetInfo:
    """Put `pictures` into the data folder as the added data set `name`; without names of classes
    they lose their labels.
    """
    splits = {"train": pictures.train, "test": pictures.test}
    if not class_names:
        splits = {
            key: Split(split.images, np.zeros_like(split.labels)) for key, split in splits.items()
        }
    whole, folder = Dataset(**splits), folder_of(name, data)
    folder.mkdir(parents=True)
    for key, split in splits.items():
        np.save(folder / f"{key}-images.npy", split.images)
        np.save(folder / f"{key}-labels.npy", split.labels)
    info = DatasetInfo(
        title=name.replace("_", " ").capitalize(),
        help="",
        shape=ImageShape(*whole.train.images.shape[1:]),
        train=len(whole.train),
        test=len(whole.test),
        class_names=tuple(class_names),
    )
    description = AddedDataset(**describe(info, fingerprint(whole, class_names)), origin="drawn")
    (folder / DESCRIPTION).write_bytes(msgspec.json.encode(description))
    return info_of(description)


def draw(
    data: Path,
    name: str,
    shape: ImageShape,
    train: Sequence[int],
    test: Sequence[int],
    class_names: Sequence[str] = (),
) -> DatasetInfo:
    """Draw a data set with so many training and test images of each class, and write it."""
    pictures = Dataset(drawn_split(train, shape), drawn_split(test, shape, seed=1))
    return write_added(data, name, pictures, class_names)


def config_of(name: str, info: DatasetInfo) -> RunConfig:
    """A tiny network for an added data set."""
    return RunConfig(dataset=name, added=info, network="linear", epochs=1, batch_size=2)


def train_on_all(folder: Path) -> dict[str, str]:
    """Draw SETS into `folder`/data and train a tiny network on each, in `folder`/models: the keys
    of the runs. Those in MEASURED get a mixture and a clustering.
    """
    queue = Queue(Settings(models=folder / "models", data=folder / "data"))
    keys = {}
    for name, (shape, train, test, classes) in SETS.items():
        config = config_of(name, draw(queue.settings.data, name, shape, train, test, classes))
        claimed(queue, config)
        run = here(queue, config)
        assert run.state == "finished", run.record.error
        for job in (MIXTURE, CLUSTERING) if name in MEASURED else ():
            assert do(queue, config, job) == "finished"
        keys[name] = config.key
    return keys
