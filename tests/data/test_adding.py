"""Somebody's own images: what is understood of a folder or a file, and the data set made of it."""

import io
import os
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from autoencoder.config.adding import AddOptions, Limits, parse_size
from autoencoder.config.datasets import ImageShape
from autoencoder.config.run_config import RunConfig
from autoencoder.data import added, loading
from autoencoder.data.adding import decoders, prepare, preparing, samples, survey
from autoencoder.data.adding.decoders import TOO_MUCH, Decoded, Decoders, Picture
from autoencoder.data.adding.names import readable, readable_classes
from autoencoder.data.adding.preparing import DUPLICATE
from autoencoder.data.adding.resizing import fitted
from autoencoder.data.adding.sources import CHANGED, EMPTY, HIDDEN, open_source
from autoencoder.data.adding.surveying import (
    BESIDE_CLASSES,
    BESIDE_SPLITS,
    EMPTY_FOLDER,
    NO_IMAGE,
    SECOND_TEST,
    suggested_size,
)
from autoencoder.data.adding.worker import Outcome
from autoencoder.errors import ConfigError, DatasetError
from autoencoder.system import FileLock
from tests.faults.uploads import jpeg_of_scans, png_of_pixel_bomb
from tests.support.disks import disk_full_above
from tests.support.image_files import (
    Files,
    classes,
    idx,
    in_folder,
    levels,
    png,
    saved,
    tarred,
    zipped,
)
from tests.support.in_this_process import decode_in_this_process

OPTIONS = AddOptions(size=(8,), test=0.25)
TREES = classes(["oak", "elm"])


@pytest.fixture
def own_processes() -> None:
    """For tests whose images are decoded by processes, as they are outside of tests."""


@pytest.fixture(autouse=True)
def without_processes(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Images are decoded as always, but in this process: to start another takes longer than most
    tests do.
    """
    if "own_processes" not in request.fixturenames:
        decode_in_this_process(monkeypatch)


def added_from(source: Path, data: Path, options: AddOptions = OPTIONS) -> added.AddedDataset:
    """The description of a data set of all images of a source."""
    description = prepare(survey(source), "trees", options, data)
    assert description is not None
    return description


def images_of(data: Path, name: str = "trees") -> tuple[np.ndarray, np.ndarray]:
    """Training and test images."""
    whole = added.read(name, added.added(data)[name], data)
    return whole.train.images, whole.test.images


def leftovers(data: Path) -> list[str]:
    """What lies beside the data sets that were added, but for locks."""
    folder = data / added.FOLDER
    return sorted(path.name for path in folder.glob("*") if path.suffix != ".lock")


# What is understood


@pytest.mark.parametrize(
    "source",
    [
        pytest.param(lambda folder: in_folder(folder / "trees", TREES), id="folder"),
        pytest.param(lambda folder: zipped(folder / "trees.zip", TREES), id="zip"),
        pytest.param(lambda folder: tarred(folder / "trees.tar.gz", TREES), id="tar.gz"),
        pytest.param(
            lambda folder: zipped(
                folder / "trees.zip", {f"photos/trees/{name}": TREES[name] for name in TREES}
            ),
            id="zip with a folder around all",
        ),
    ],
)
def test_a_folder_and_archives_of_it_become_the_same_data_set(
    own_processes: None, source: Callable[[Path], Path], tmp_path: Path
) -> None:
    """A folder for each class, sorted by name; the same images, labels and split, wherever they
    lie.
    """
    found = survey(source(tmp_path))
    assert (found.class_names, found.undecided, found.size) == (("elm", "oak"), (4, 4), (12, 16))
    assert found.is_colour and not found.skipped and found.sizes == (((12, 16), 8),)

    description = prepare(found, "trees", OPTIONS, tmp_path / "data")

    assert description is not None
    assert description.counts == {"train": [3, 3], "test": [1, 1]}
    assert description.shape == (3, 8, 8)
    assert leftovers(tmp_path / "data") == ["trees"]
    # From a zip or a folder they are read in another order than from a tar: by name, or as written.
    train, test = images_of(tmp_path / "data")
    everything = {image.tobytes() for image in [*train, *test]}
    assert everything == {
        fitted(levels(100 * place + number), ImageShape(3, 8, 8), "crop").tobytes()
        for place in range(2)
        for number in range(4)
    }


LAYOUTS: dict[str, tuple[Files, tuple[str, ...], tuple[int, ...], tuple[int, ...], dict[str, int]]]
LAYOUTS = {  # files -> class names, train and test by class as given, what is skipped
    "train and test": (
        classes(["oak", "elm"], 2, "train/") | classes(["oak", "elm"], 1, "test/"),
        ("elm", "oak"),
        (2, 2),
        (1, 1),
        {},
    ),
    "train and validation, capitals": (
        classes(["oak", "elm"], 2, "Train/") | classes(["oak"], 1, "VALIDATION/"),
        ("elm", "oak"),
        (2, 2),
        (0, 1),
        {},
    ),
    "train, test and validation": (
        classes(["oak"], 2, "train/")
        | classes(["elm"], 1, "test/")
        | classes(["oak"], 1, "val/")
        | {"1.png": png(1)},
        ("elm", "oak"),
        (0, 2),
        (1, 0),
        {SECOND_TEST: 1, BESIDE_SPLITS: 1},
    ),
    "without classes": ({f"{number}.png": png(number) for number in range(4)}, (), (0,), (0,), {}),
    "without classes, split": (
        {
            **{f"train/{number}.png": png(number) for number in range(3)},
            **{f"test/{number}.png": png(9 + number) for number in range(2)},
        },
        (),
        (3,),
        (2,),
        {},
    ),
    "a class named test": (classes(["oak", "test"]), ("oak", "test"), (0, 0), (0, 0), {}),
    "an empty class": (TREES | {"ash/": b""}, ("elm", "oak"), (0, 0), (0, 0), {EMPTY_FOLDER: 1}),
    "an image beside the classes": (
        TREES | {"cover.png": png(1)},
        ("elm", "oak"),
        (0, 0),
        (0, 0),
        {BESIDE_CLASSES: 1},
    ),
    "what is no image": (
        TREES
        | {
            "oak/notes.txt": b"oaks",
            "oak/inner.zip": b"PK",
            "elm/empty.png": b"",
            "elm/.hidden.png": png(1),
            ".git/x.png": png(1),
        },
        ("elm", "oak"),
        (0, 0),
        (0, 0),
        {NO_IMAGE: 2, EMPTY: 1, HIDDEN: 2},
    ),
    "two classes that differ in case": (
        classes(["Oak", "oak"]),
        ("Oak", "oak"),
        (0,) * 2,
        (0,) * 2,
        {},
    ),
}


@pytest.mark.parametrize(
    ("files", "names", "train", "test", "skipped"), LAYOUTS.values(), ids=LAYOUTS
)
def test_a_folder_is_understood(
    files: Files,
    names: tuple[str, ...],
    train: tuple[int, ...],
    test: tuple[int, ...],
    skipped: dict[str, int],
    tmp_path: Path,
    undecoded: None,
) -> None:
    """Classes, splits as given, and what is left out: counted, with names."""
    found = survey(in_folder(tmp_path / "files", files))

    assert (found.class_names, found.train, found.test) == (names, train, test)
    assert found.skipped == skipped and all(found.examples[reason] for reason in skipped)
    assert found.images == sum(train) + sum(test) + sum(found.undecided)


@pytest.fixture
def undecoded(monkeypatch: pytest.MonkeyPatch) -> None:
    """A survey without the process that looks at images: their sizes are not what is tested."""
    monkeypatch.setattr("autoencoder.data.adding.surveying.decoded_some", _as_if_decoded)


def _as_if_decoded(listing: object, wanted: list[int]) -> list[object]:
    return [Decoded(index, b"", Outcome(size=(12, 16), is_grey=False), None) for index in wanted]


def test_classes_that_are_easily_confused_are_noted(tmp_path: Path, undecoded: None) -> None:
    """Names that differ in case, and a class that has folders of its own, are said."""
    files = classes(["Oak", "oak"], 3) | classes(["a", "b"], 2, "elm/")
    notes = survey(in_folder(tmp_path / "files", files)).notes

    assert "the classes Oak and oak differ only in small and capital letters" in notes
    assert any("the images of elm lie in several folders" in note for note in notes)


SIZES = {
    "all alike and small": ([(12, 16)], (12, 16)),
    "all alike and large": ([(90, 200)], (64, 64)),
    "of many sizes": ([(30, 99), (33, 50), (47, 40)], (32, 32)),
    "tiny": ([(3, 5), (2, 2)], (8, 8)),
}


@pytest.mark.parametrize(("sizes", "suggested"), SIZES.values(), ids=SIZES)
def test_a_size_is_suggested(sizes: list[tuple[int, int]], suggested: tuple[int, int]) -> None:
    """The size of all images if it is a usual one, else a square a little smaller than they are."""
    assert suggested_size(Counter(sizes)) == suggested


def test_samples_are_what_the_network_will_see(tmp_path: Path) -> None:
    """Images of each class in the shape of the options, which are those of the data set."""
    found = survey(in_folder(tmp_path / "trees", TREES))
    options = AddOptions(size=(8, 16), colour="grey", fit="stretch")
    elms, oaks = samples(found, options, each=2)

    assert elms.shape == oaks.shape == (2, 1, 8, 16)
    prepare(found, "trees", options, tmp_path / "data")
    everything = {image.tobytes() for split in images_of(tmp_path / "data") for image in split}
    assert {image.tobytes() for image in [*elms, *oaks]} <= everything


def test_images_of_any_shape_are_made_to_fit() -> None:
    """Crop keeps the middle, pad adds the border's colour, stretch keeps all; grey by the eye's
    weights.
    """
    image = np.zeros((10, 30, 3), np.uint8)
    image[:, 10:20] = (255, 0, 0)
    shape = ImageShape(3, 10, 10)

    assert (fitted(image, shape, "crop")[0] > 200).mean() > 0.7
    padded = fitted(image, ImageShape(3, 30, 30), "pad")
    assert padded[0, 15, 15] == 255 and not padded[:, :9].any() and not padded[:, 21:].any()
    stretched = fitted(image, shape, "stretch")
    assert 0.2 < (stretched[0] > 127).mean() < 0.5
    assert fitted(image, ImageShape(1, 10, 30), "crop")[0, 5, 15] == 76
    assert (fitted(image[:, :, :1], ImageShape(3, 10, 30), "crop")[:, 5, 15] == 255).all()
    for fit in ("crop", "pad", "stretch"):
        assert fitted(image[:1, :], ImageShape(3, 256, 8), fit).shape == (3, 256, 8)


# Arrays


def test_a_npz_is_the_same_data_set_as_its_images_in_files(tmp_path: Path) -> None:
    """Images (N, H, W, 3) with names as labels become the arrays that the same images become from
    PNG files: one fingerprint.
    """
    images = np.stack([levels(100 * place + number) for place in range(2) for number in range(4)])
    np.savez(tmp_path / "trees.npz", images=images, labels=np.repeat(["elm", "oak"], 4))
    files = classes(["elm", "oak"])
    from_arrays = added_from(tmp_path / "trees.npz", tmp_path / "arrays")
    from_files = added_from(in_folder(tmp_path / "trees", files), tmp_path / "files")

    assert from_arrays.fingerprint == from_files.fingerprint
    assert from_arrays.class_names == ["elm", "oak"]


@pytest.mark.parametrize("pack", [in_folder, zipped, tarred], ids=["folder", "zip", "tar"])
def test_idx_files_are_read(pack: Callable[[Path, Files], Path], tmp_path: Path) -> None:
    """MNIST's four files, packed, in a folder or an archive: split and labels as they say."""
    digits = np.arange(4 * 64, dtype=np.uint8).reshape(4, 8, 8)
    source = pack(
        tmp_path / "raw.tar",
        {
            "raw/train-images-idx3-ubyte.gz": idx(digits),
            "raw/train-labels-idx1-ubyte.gz": idx(np.array([7, 3, 7, 3], np.uint8)),
            "raw/t10k-images-idx3-ubyte.gz": idx(digits[:2] + 1),
            "raw/t10k-labels-idx1-ubyte.gz": idx(np.array([3, 7], np.uint8)),
        },
    )
    description = added_from(source, tmp_path / "data")
    whole = added.read("trees", added.added(tmp_path / "data")["trees"], tmp_path / "data")

    assert description.class_names == ["3", "7"] and description.shape == (1, 8, 8)
    assert description.counts == {"train": [2, 2], "test": [1, 1]}
    order = [
        int(np.flatnonzero((digits == image).all(axis=(1, 2)))[0])
        for (image,) in whole.train.images
    ]
    assert sorted(order) == [0, 1, 2, 3]
    assert [[1, 0, 1, 0][index] for index in order] == whole.train.labels.tolist()


BAD_ARRAYS = {
    "no images": ({"x": np.zeros(3)}, "a .npz must have an array images"),
    "floats": ({"images": np.zeros((9, 8, 8))}, "images must be uint8 of shape"),
    "one image": ({"images": np.zeros((8, 8), np.uint8)}, "images must be uint8 of shape"),
    "two channels": ({"images": np.zeros((9, 8, 8, 2), np.uint8)}, "1 or 3 channels; got 2"),
    "none": ({"images": np.zeros((0, 8, 8), np.uint8)}, "there must be 1 to"),
    "objects": ({"images": np.array([object()] * 9)}, "images.npy must be plain numbers"),
    "other labels": (
        {"images": np.zeros((9, 8, 8), np.uint8), "labels": np.zeros(8, np.int64)},
        "labels must be one for each of the 9 images",
    ),
    "labels that are no classes": (
        {"images": np.zeros((9, 8, 8), np.uint8), "labels": np.zeros(9)},
        "labels must be whole numbers or short texts",
    ),
    "too many classes": (
        {"images": np.zeros((1_001, 8, 8), np.uint8), "labels": np.arange(1_001)},
        "there must be at most 1,000 classes",
    ),
    "two images": ({"images": np.zeros((2, 8, 8), np.uint8)}, "needs at least 3 images"),
}


@pytest.mark.parametrize(("arrays", "sentence"), BAD_ARRAYS.values(), ids=BAD_ARRAYS)
def test_arrays_that_are_no_images_are_refused(
    arrays: dict[str, np.ndarray], sentence: str, tmp_path: Path
) -> None:
    """In one sentence that says what they must be."""
    np.savez(tmp_path / "images.npz", **arrays)  # type: ignore[arg-type]  # numpy's stub

    with pytest.raises(DatasetError, match=sentence):
        survey(tmp_path / "images.npz")


def test_a_damaged_npz_is_refused(tmp_path: Path) -> None:
    """One that ends too early, wherever that is."""
    np.savez(tmp_path / "images.npz", images=np.zeros((99, 8, 8), np.uint8))
    content = (tmp_path / "images.npz").read_bytes()
    for end in (0, 10, len(content) // 2, len(content) - 10):
        (tmp_path / "images.npz").write_bytes(content[:end])
        with pytest.raises(DatasetError, match="damaged"):
            survey(tmp_path / "images.npz")
    whole = io.BytesIO()
    np.save(whole, np.zeros((99, 8, 8), np.uint8))
    zipped(tmp_path / "images.npz", {"images.npy": whole.getvalue()[:-1]})
    with pytest.raises(DatasetError, match="damaged: images ends too early"):
        survey(tmp_path / "images.npz")


# Odd images


def test_odd_images_are_read_right_or_counted(tmp_path: Path) -> None:
    """The first frame, colours of print, 16 bits, turned by the camera, one that goes on for eight
    gigabytes: right; broken and huge ones: counted, with their names, and no others are lost.
    """
    red = Image.new("RGB", (16, 16), (255, 0, 0))
    sixteen = Image.fromarray(np.full((16, 16), 128 * 257, np.uint16))
    turned = Image.new("RGB", (32, 16))
    turned.paste((255, 255, 255), (16, 0, 32, 16))
    exif = Image.Exif()
    exif[274] = 6  # turn to the right
    frames = [Image.new("RGB", (16, 16), colour) for colour in ("white", "black")]
    files = {
        "a/animated.gif": saved(frames[0], "GIF", save_all=True, append_images=frames[1:]),
        "b/cmyk.jpg": saved(red.convert("CMYK"), "JPEG"),
        "c/sixteen.png": saved(sixteen),
        "d/turned.jpg": saved(turned, "JPEG", exif=exif),
        "e/broken.png": png(1)[:60],
        "e/text.jpg": b"these are words",
        "e/bomb.png": png_of_pixel_bomb(),
        "e/huge.png": saved(Image.new("1", (50_000, 600))),
        **classes(["f"]),
    }
    found = survey(in_folder(tmp_path / "odd", files))
    (frame,), (cmyk,), (grey,), (camera,) = samples(
        found, AddOptions(size=(16,), fit="stretch", colour="rgb"), classes=range(4)
    )

    assert frame.min() == 255
    assert cmyk[0].mean() > 200 > 100 > cmyk[2].mean()
    assert (grey == 128).all()
    assert camera[:, :6].max() < 60 and camera[:, 10:].min() > 200
    description = added_from(tmp_path / "odd", tmp_path / "data", AddOptions(size=(8,)))
    assert description.train + description.test == 9
    assert sum(description.skipped.values()) == 3
    assert {name for names in description.examples.values() for name in names} == {
        *("e/broken.png", "e/text.jpg", "e/huge.png"),
    }


PERSIAN = "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645"  # with a joiner
NAMES = {
    "two\nlines": "two lines",
    "**bold** [x](y)": "**bold** [x](y)",
    "\u202eleft\u202c to \u200fright": "left to right",
    "\udcff\udcfe": "\ufffd\ufffd",
    "e\u0301te\u0301": "\u00e9t\u00e9",
    PERSIAN: PERSIAN,
    "\u6a39" * 300: "\u6a39" * 200,
    "\x00\x07": "?",
}


@pytest.mark.parametrize(("name", "shown"), NAMES.items(), ids=map(ascii, NAMES.values()))
def test_a_name_is_made_readable(name: str, shown: str) -> None:
    """One line, no marks that turn the direction of text, at most 200 letters; any script stays."""
    assert readable(name) == shown


def test_names_that_look_alike_stay_two_classes() -> None:
    """What would be shown alike gets a number."""
    assert readable_classes(["a\nb", "a b", "a\tb"]) == ("a b", "a b (2)", "a b (3)")
    long = readable_classes(["x" * 300, "x" * 250])
    assert len(set(long)) == 2 and max(map(len, long)) <= 200


# The data set


def test_a_test_image_that_is_a_training_image_is_left_out(tmp_path: Path) -> None:
    """The same bytes under two names, in train/ and test/: counted, and only trained on."""
    files = classes(["oak"], 3, "train/") | {"test/oak/9.png": png(77), "test/oak/copy.png": png(1)}
    description = added_from(in_folder(tmp_path / "trees", files), tmp_path / "data")

    assert (description.train, description.test) == (3, 1)
    assert description.skipped == {DUPLICATE: 1}
    assert description.examples == {DUPLICATE: ["test/oak/copy.png"]}


def test_the_split_is_the_seeds(tmp_path: Path) -> None:
    """The same seed gives the same data set, another seed another one; each class keeps its
    share, and at least one image to test on.
    """
    files = classes(["oak"], 12) | {"elm/1.png": png(90), "elm/2.png": png(91)}
    source = in_folder(tmp_path / "trees", files)
    first, again, other = (
        added_from(source, tmp_path / str(number), AddOptions(size=(8,), seed=seed))
        for number, seed in enumerate((0, 0, 1))
    )

    assert first.fingerprint == again.fingerprint != other.fingerprint
    assert first.counts == other.counts == {"train": [1, 10], "test": [1, 2]}


def stopped_after(batches: int) -> Callable[[], bool]:
    """Says yes when it is asked for that many times."""
    asked = iter(range(1_000))
    return lambda: next(asked) >= batches


def test_what_was_stopped_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is there after a stop; the same command again decodes only the rest, and the data set
    is that of one that was never stopped.
    """
    monkeypatch.setattr("autoencoder.data.adding.decoders.BATCH_IMAGES", 4)
    source = in_folder(tmp_path / "trees", classes(["oak", "elm"], 8) | {"oak/x.png": b"nothing"})
    whole, data = added_from(source, tmp_path / "whole"), tmp_path / "data"
    found = survey(source)

    assert prepare(found, "trees", OPTIONS, data, is_stopped=stopped_after(2)) is None
    assert not added.added(data)
    reads: list[int] = []
    read = type(found.listing).read
    monkeypatch.setattr(
        "autoencoder.data.adding.surveying.Listing.read",
        lambda listing, wanted: reads.extend(wanted) or read(listing, wanted),
    )
    description = prepare(found, "trees", OPTIONS, data)

    assert description is not None and 0 < len(reads) <= 17 - 4
    assert description.fingerprint == whole.fingerprint
    assert description.skipped == whole.skipped
    assert leftovers(data) == ["trees"]


def test_what_was_killed_at_its_very_end_is_whole_the_next_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Gaps that were filled already are not filled twice: the data set is that of one pass."""
    broken = {f"{name}/x{number}.png": b"no" for name in ("oak", "elm") for number in range(4)}
    source = in_folder(tmp_path / "trees", TREES | broken)
    whole, data, found = added_from(source, tmp_path / "whole"), tmp_path / "data", survey(source)

    def killed(*arguments: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(preparing, "fingerprint", killed)
        prepare(found, "trees", OPTIONS, data)
    assert not added.added(data)
    description = prepare(found, "trees", OPTIONS, data)

    assert description is not None and description.fingerprint == whole.fingerprint


def test_other_options_begin_anew(tmp_path: Path) -> None:
    """What was stopped with another size is thrown away."""
    source = in_folder(tmp_path / "trees", TREES)
    found, data = survey(source), tmp_path / "data"

    assert prepare(found, "trees", OPTIONS, data, is_stopped=lambda: True) is None
    assert leftovers(data) == [".trees.part"]
    description = prepare(found, "trees", AddOptions(size=(16,)), data)
    assert description is not None and description.shape == (3, 16, 16)
    whole = added_from(source, tmp_path / "whole", AddOptions(size=(16,)))
    assert description.fingerprint == whole.fingerprint
    assert leftovers(data) == ["trees"]


def test_a_full_disk_leaves_nothing(tmp_path: Path) -> None:
    """The error says so, and no half of a data set stays."""
    found = survey(in_folder(tmp_path / "trees", TREES))
    with disk_full_above(500), pytest.raises(OSError, match="File too large"):
        prepare(found, "trees", OPTIONS, tmp_path / "data")

    assert leftovers(tmp_path / "data") == []


def test_a_disk_without_room_is_refused_before_anything_is_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With how much is needed, and how much there is."""
    found = survey(in_folder(tmp_path / "trees", TREES))
    monkeypatch.setattr(preparing, "ROOM", 1 << 60)

    with pytest.raises(DatasetError, match="MB of the disk, which has 0 MB free"):
        prepare(found, "trees", OPTIONS, tmp_path / "data")
    assert leftovers(tmp_path / "data") == []


def test_a_name_is_added_once(tmp_path: Path) -> None:
    """A second data set of the name, and a second process at it, are told; a wrong name, too."""
    source, data = in_folder(tmp_path / "trees", TREES), tmp_path / "data"
    found = survey(source)
    added_from(source, data)

    with pytest.raises(DatasetError, match="there is a data set trees already"):
        prepare(found, "trees", OPTIONS, data)
    lock = FileLock(data / added.FOLDER / ".other.lock")
    assert lock.acquire()
    with pytest.raises(DatasetError, match="somebody else is adding a data set other now"):
        prepare(found, "other", OPTIONS, data)
    lock.release()
    for name in ("mnist", "../x", ""):
        with pytest.raises(ConfigError, match="the name of a data set must"):
            prepare(found, name, OPTIONS, data)


def test_files_that_change_while_they_are_read_are_counted(tmp_path: Path) -> None:
    """One that was rewritten or removed after it was listed is left out; the others are added."""
    source = in_folder(tmp_path / "trees", TREES)
    found = survey(source)
    (source / "oak/0.png").write_bytes(TREES["oak/0.png"])  # not the same file any more
    (source / "oak/2.png").write_bytes(png(1_000, 20, 20))
    (source / "oak/1.png").unlink()
    description = prepare(found, "trees", OPTIONS, tmp_path / "data")

    assert description is not None
    assert description.train + description.test == 5
    assert description.skipped[CHANGED] == 2
    assert sum(description.skipped.values()) == 3


def test_an_archive_that_changes_while_it_is_read_is_no_data_set(tmp_path: Path) -> None:
    """It is refused, by its name, and nothing stays."""
    source = zipped(tmp_path / "trees.zip", TREES)
    found = survey(source)
    zipped(source, {"other.png": png(1)})

    with pytest.raises(DatasetError, match=r"the file trees\.zip changed while it was read"):
        prepare(found, "trees", OPTIONS, tmp_path / "data")
    assert leftovers(tmp_path / "data") == []


def test_images_of_one_class_alone_are_a_data_set_without_classes(tmp_path: Path) -> None:
    """A folder that holds nothing but images of one kind has no classes; runs know that."""
    description = added_from(in_folder(tmp_path / "trees", classes(["oak"])), tmp_path / "data")
    config = RunConfig(
        **added.dataset_options("trees", tmp_path / "data"), train_size=2, batch_size=2
    )

    assert description.class_names == []
    assert len(loading.load(config, tmp_path / "data").train) == 2


def test_too_few_images_are_refused(tmp_path: Path) -> None:
    """One image in all, two, or none: how many are needed."""
    for count in (0, 1, 2):
        source = in_folder(tmp_path / str(count), {"a/": b"", **classes(["oak"], count)})
        with pytest.raises(DatasetError, match=r"no image in it|needs at least 3 images"):
            survey(source)
    nothing_right = {f"{number}.png": b"words" for number in range(4)}
    with pytest.raises(DatasetError, match="none of the images that were looked at"):
        survey(in_folder(tmp_path / "words", nothing_right))


def test_options_are_checked() -> None:
    """Each breach is one sentence with the rule and the value."""
    assert parse_size("48x64") == (48, 64) and parse_size("64") == (64,) and parse_size(" ") == ()
    for wrong in ({"size": (4,)}, {"size": (300, 8)}, {"size": (8, 8, 8)}, {"fit": "bend"}):
        with pytest.raises(ConfigError, match="must be"):
            AddOptions(**wrong)  # type: ignore[arg-type]  # as it is read from a form
    for wrong_size in ("big", "8x", "-8", "8x8x8"):
        with pytest.raises(ConfigError, match="size must be a number such as 64"):
            parse_size(wrong_size)


def test_memory_stays_small_however_large_the_source_is(tmp_path: Path) -> None:
    """At most a few batches are read ahead of what is written."""
    ahead = most = 0

    def pictures() -> object:
        nonlocal ahead, most
        for number in range(2_000):
            ahead += 1
            most = max(most, ahead)
            yield Picture(number, levels(number % 5))

    with Decoders(1) as decoders:
        for batch in decoders.decode(pictures(), ImageShape(1, 8, 8)):  # type: ignore[arg-type]
            ahead -= len(batch)
    assert ahead == 0 and most <= 5 * 64


def test_an_image_that_ends_its_process_costs_only_itself(
    own_processes: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its neighbours in the batch are decoded; many such images are refused."""
    monkeypatch.setattr(decoders, "CPU_SECONDS", 0)  # till the next whole second
    contents = [png(1), jpeg_of_scans(), png(2)]
    pictures = [Picture(number, content) for number, content in enumerate(contents)]
    with Decoders(1) as processes:
        (batch,) = processes.decode(pictures, ImageShape(3, 8, 8))
        assert [each.outcome.problem for each in batch] == ["", TOO_MUCH, ""]
        assert [each.pixels is not None for each in batch] == [True, False, True]

        monkeypatch.setattr(decoders, "MOST_ENDED", 1)
        with pytest.raises(DatasetError, match="more than 1 images crash their decoder"):
            list(processes.decode(pictures[1:2]))


def test_a_source_that_is_none_is_refused(tmp_path: Path) -> None:
    """No such file, and one that is no archive."""
    (tmp_path / "notes.txt").write_text("words")
    for path, sentence in (
        (tmp_path / "nowhere", "there is no folder or file"),
        (tmp_path / "notes.txt", "images must be in a folder"),
        (Path(os.devnull), "there is no folder or file"),
    ):
        with pytest.raises(DatasetError, match=sentence):
            open_source(path, Limits())
