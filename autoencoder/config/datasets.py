"""The data sets by name: image shape, sizes, class names; and the options that choose from one.

The first is the default.

Nothing here touches a disk. The functions of these names, which give the images, stand in
data/sources.py.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from autoencoder.config.options import Choice, option

EVALUATED = 10_000  # at most so many test images, the first in file order, are measured and kept
EVALUATED_BYTES = 64_000_000  # and at most so many bytes of them


class ImageShape(NamedTuple):
    """Channels (1 or 3), height and width of one image."""

    channels: int
    height: int
    width: int

    @property
    def pixels(self) -> int:
        """Numbers in one image, channels included."""
        return self.channels * self.height * self.width

    def __str__(self) -> str:
        return f"{self.height}x{self.width}" + (f"x{self.channels}" if self.channels > 1 else "")


@dataclass(frozen=True, kw_only=True)
class DatasetInfo(Choice):
    """What is known of a data set before it is loaded.

    Attributes:
        train, test: Images in each split.
        download: Bytes to fetch the first time; 0 if it comes with the installation.
        class_names: By class index; empty for images without labels, whose labels are all 0.
        published_nn_errors: Bottleneck -> 1-NN error of an autoencoder's latents that was published
            for the whole data set, quoted from memory.
        fingerprint: Of the images of a data set that was added, see `data.dataset.fingerprint`;
            the built-in ones need none.
    """

    shape: ImageShape
    train: int
    test: int
    class_names: tuple[str, ...]
    download: int = 0
    published_nn_errors: Mapping[int, float] = field(default_factory=dict, hash=False)
    fingerprint: str = ""

    @property
    def evaluated(self) -> int:
        """Test images that every test figure is measured on, and that runs keep: the first ones in
        file order.
        """
        return max(1, min(self.test, EVALUATED, EVALUATED_BYTES // self.shape.pixels))

    @property
    def has_classes(self) -> bool:
        """Whether there are classes to tell apart: at least two."""
        return len(self.class_names) > 1


_TEN_DIGITS = tuple("0123456789")
_GREY = ImageShape(1, 28, 28)

DATASETS: dict[str, DatasetInfo] = {
    "mnist_sample": DatasetInfo(
        title="MNIST sample",
        help="handwritten digits, 10,000 to train on, 2,000 to test; comes with the project",
        shape=_GREY,
        train=10_000,
        test=2_000,
        class_names=_TEN_DIGITS,
    ),
    "digits": DatasetInfo(
        title="Digits",
        help="tiny handwritten digits, 1,437 to train on, 360 to test; comes with scikit-learn",
        shape=ImageShape(1, 8, 8),
        train=1_437,
        test=360,
        class_names=_TEN_DIGITS,
    ),
    "mnist": DatasetInfo(
        title="MNIST",
        help="handwritten digits, 60,000 to train on, 10,000 to test; downloaded once",
        shape=_GREY,
        train=60_000,
        test=10_000,
        class_names=_TEN_DIGITS,
        download=11_594_722,
        # van der Maaten, AISTATS 2009
        published_nn_errors={2: 0.6684, 10: 0.0633, 30: 0.0270},
    ),
    "fashion_mnist": DatasetInfo(
        title="Fashion-MNIST",
        help="photographs of clothes, 60,000 to train on, 10,000 to test; downloaded once",
        shape=_GREY,
        train=60_000,
        test=10_000,
        class_names=(
            *("T-shirt", "Trouser", "Pullover", "Dress", "Coat"),
            *("Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"),
        ),
        download=30_878_645,
    ),
    "kmnist": DatasetInfo(
        title="KMNIST",
        help=("cursive Japanese characters, 60,000 to train on, 10,000 to test; downloaded once"),
        shape=_GREY,
        train=60_000,
        test=10_000,
        class_names=("o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo"),
        download=21_240_888,
    ),
    "cifar10": DatasetInfo(
        title="CIFAR-10",
        help="small colour photographs, 50,000 to train on, 10,000 to test; downloaded once",
        shape=ImageShape(3, 32, 32),
        train=50_000,
        test=10_000,
        class_names=(
            *("airplane", "automobile", "bird", "cat", "deer"),
            *("dog", "frog", "horse", "ship", "truck"),
        ),
        download=170_498_071,
    ),
}


@dataclass(frozen=True)
class DataOptions:
    """Which of a data set's images are learned from, and how they are varied."""

    train_size: int = option(
        0,
        "number of training images; 0 uses all",
        label="Training images (0: all)",
        group="Data",
        low=0,
        high=10_000_000,
    )
    classes: tuple[int, ...] = option(
        (),
        "indices of the classes to use; without any, all are used",
        label="Classes kept (none: all)",
        group="Data",
        low=0,
        high=9_999,
        longest=1_000,
    )
    augment: float = option(
        0.0,
        "random shift, rotation, stretch and slant of the training images, new in each"
        " epoch: the largest shift of a corner at the start, in halves of the side; it"
        " becomes smaller towards the end",
        label="Warp of training images (0: none)",
        group="Data",
        low=0.0,
        high=1.0,
        step=0.01,
    )
