"""The data sets by name: image shape, sizes, class names. Nothing here touches a disk."""

from dataclasses import dataclass
from typing import NamedTuple

TEST_IMAGES = (
    10_000  # the first of the test split, in file order: what every test figure is measured on
)


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


@dataclass(frozen=True)
class DatasetInfo:
    """What is known of a data set before it is loaded.

    Attributes:
        train, test: Images in each split.
        download: Bytes to fetch the first time; 0 if it comes with the installation.
    """

    title: str
    about: str
    shape: ImageShape
    train: int
    test: int
    class_names: tuple[str, ...]
    download: int = 0


_TEN_DIGITS = tuple("0123456789")
_GREY = ImageShape(1, 28, 28)

DATASETS: dict[str, DatasetInfo] = {
    "digits": DatasetInfo(
        "Digits",
        "handwritten digits, tiny: trains in seconds",
        ImageShape(1, 8, 8),
        1_437,
        360,
        _TEN_DIGITS,
    ),
    "mnist": DatasetInfo(
        "MNIST", "handwritten digits", _GREY, 60_000, 10_000, _TEN_DIGITS, 11_594_722
    ),
    "fashion_mnist": DatasetInfo(
        "Fashion-MNIST",
        "photographs of clothes",
        _GREY,
        60_000,
        10_000,
        (
            "T-shirt",
            "Trouser",
            "Pullover",
            "Dress",
            "Coat",
            "Sandal",
            "Shirt",
            "Sneaker",
            "Bag",
            "Ankle boot",
        ),
        30_878_645,
    ),
    "kmnist": DatasetInfo(
        "KMNIST",
        "cursive Japanese characters",
        _GREY,
        60_000,
        10_000,
        ("o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo"),
        21_240_888,
    ),
    "cifar10": DatasetInfo(
        "CIFAR-10",
        "small colour photographs",
        ImageShape(3, 32, 32),
        50_000,
        10_000,
        ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"),
        170_498_071,
    ),
}
