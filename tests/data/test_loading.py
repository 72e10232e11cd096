"""Data sets: what digits holds, what a config keeps of it, and what happens when files are damaged,
missing or wrong.
"""

import http.server
import resource
import shutil
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from sklearn.datasets import load_digits

from autoencoder.config.datasets import DATASETS, ImageShape
from autoencoder.config.run_config import RunConfig
from autoencoder.data import loading
from autoencoder.data.dataset import Dataset, Split
from autoencoder.errors import DatasetError
from tests.support.places import MNIST, ROOT

ARCHIVES = (
    *("train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz"),
    *("t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz"),
)

SAMPLE_CLASSES = {  # of the images of each class, as in MNIST's own order
    "train": [1001, 1127, 991, 1032, 980, 863, 1014, 1070, 944, 978],
    "test": [175, 234, 219, 207, 217, 179, 178, 205, 192, 194],
}


def silent(words: str) -> None:
    """Hears what takes time, and keeps it to itself."""


def same(one: Dataset, other: Dataset) -> bool:
    """Whether two data sets hold the same arrays in the same order."""
    pairs = ((one.train, other.train), (one.test, other.test))
    return all(
        np.array_equal(a.images, b.images) and np.array_equal(a.labels, b.labels) for a, b in pairs
    )


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every download fails, as it does without a network."""

    def refuse(*request: object, **options: object) -> None:
        raise urllib.error.URLError("no network")

    monkeypatch.setattr(urllib.request, "urlopen", refuse)


@pytest.mark.parametrize("name", DATASETS)
def test_the_catalogue_is_plausible(name: str) -> None:
    """Every data set has a shape, images in both splits and different names for its classes."""
    info = DATASETS[name]

    assert info.shape.channels in (1, 3)
    assert min(*info.shape, info.train, info.test) > 0
    assert len(set(info.class_names)) == len(info.class_names) == 10
    assert f"{info.train:,} to train on, {info.test:,} to test" in info.help
    assert ("downloaded" in info.help) == (info.download > 0)


def test_a_shape_says_its_size() -> None:
    """Channels are counted as pixels, and shown only where there are several."""
    assert (ImageShape(3, 32, 31).pixels, str(ImageShape(3, 32, 31))) == (2976, "32x31x3")
    assert (ImageShape(1, 8, 9).pixels, str(ImageShape(1, 8, 9))) == (72, "8x9")


def test_digits_is_what_the_catalogue_says(digits: Dataset) -> None:
    """Sizes, shapes, kinds of numbers and the whole range of uint8."""
    info = DATASETS["digits"]

    assert (len(digits.train), len(digits.test)) == (info.train, info.test)
    for split in (digits.train, digits.test):
        assert split.images.shape[1:] == info.shape
        assert split.images.dtype == np.uint8
        assert (split.images.min(), split.images.max()) == (0, 255)
        assert set(split.labels) == set(range(10))


@pytest.mark.usefixtures("offline")
def test_the_sample_of_mnist_needs_no_network(tmp_path: Path) -> None:
    """It comes with the package: 10,000 and 2,000 images, as frequent by class as in MNIST."""
    sample = loading.prepare("mnist_sample", tmp_path, silent)

    assert np.bincount(sample.train.labels).tolist() == SAMPLE_CLASSES["train"]
    assert np.bincount(sample.test.labels).tolist() == SAMPLE_CLASSES["test"]
    assert sample.train.images.shape == (10_000, 1, 28, 28)


@pytest.mark.skipif(not MNIST.is_dir(), reason=f"the archives of MNIST are not in {MNIST}")
def test_the_sample_of_mnist_is_its_beginning(tmp_path: Path) -> None:
    """Each image and label is that of the same place in MNIST's official files."""
    shutil.copytree(MNIST, tmp_path / "MNIST", copy_function=shutil.copyfile)
    sample, whole = (loading.prepare(name, tmp_path, silent) for name in ("mnist_sample", "mnist"))

    for part, split in ((sample.train, whole.train), (sample.test, whole.test)):
        assert np.array_equal(part.images, split.images[: len(part)])
        assert np.array_equal(part.labels, split.labels[: len(part)])


def test_digits_is_scikit_learns_split_in_two(digits: Dataset) -> None:
    """Train and test together are the 1,797 images with their labels, each once, grey levels scaled
    from 16 to 255.
    """
    bunch = load_digits()
    levels = np.rint(np.arange(17) * 255 / 16).astype(np.uint8)
    expected = Counter(
        zip(
            (image.tobytes() for image in levels[bunch.images.astype(int)]),
            bunch.target,
            strict=True,
        )
    )
    images, labels = (
        np.concatenate([digits.train.images, digits.test.images]),
        [*digits.train.labels, *digits.test.labels],
    )

    assert Counter(zip((image.tobytes() for image in images), labels, strict=True)) == expected


def test_digits_is_split_by_class(digits: Dataset) -> None:
    """Each class gives the test its share, to one image."""
    train, test = np.bincount(digits.train.labels), np.bincount(digits.test.labels)

    assert np.abs(test - (train + test) * 360 / 1_797).max() <= 1


def test_digits_is_the_same_each_time(digits: Dataset, tmp_path: Path) -> None:
    """Made anew elsewhere, or read from its file, the images come in the same order."""
    assert same(loading.prepare("digits", tmp_path, silent), digits)
    assert same(loading.prepare("digits", tmp_path, silent), digits)


def test_the_data_folder_holds_one_file(tmp_path: Path) -> None:
    """Nothing but the converted data set and its lock is left, and the folder is made if need
    be.
    """
    folder = tmp_path / "not" / "there"
    loading.prepare("digits", folder, silent)

    assert {path.name for path in folder.iterdir()} == {"digits.npz", ".digits.lock"}


def test_classes_keep_only_their_images(digits: Dataset) -> None:
    """Both splits are cut down to the classes named; labels stay what they were."""
    data = loading.select(RunConfig(dataset="digits", classes=(3, 8), batch_size=32), digits)

    assert set(data.train.labels) == set(data.test.labels) == {3, 8}
    assert len(data.train) == np.isin(digits.train.labels, (3, 8)).sum()
    assert np.array_equal(data.test.images, digits.test.images[np.isin(digits.test.labels, (3, 8))])


def test_no_classes_and_no_train_size_keep_everything(digits: Dataset) -> None:
    """A config that names neither gets all there is, in file order."""
    assert same(loading.select(RunConfig(dataset="digits"), digits), digits)


def test_train_size_is_the_same_images_for_every_seed(digits: Dataset) -> None:
    """Runs that differ in their seed compare, since they learn from the same images; the test stays
    whole.
    """
    one, other = (
        loading.select(RunConfig(dataset="digits", train_size=200, seed=seed), digits)
        for seed in (0, 7)
    )

    assert len(one.train) == 200
    assert len(np.unique(one.train.images, axis=0)) > 190
    assert same(one, other)
    assert len(one.test) == 360


def test_train_size_is_a_fair_sample(digits: Dataset) -> None:
    """The images kept come from the whole file, with their own labels and from every class."""
    kept = loading.select(RunConfig(dataset="digits", train_size=200), digits).train
    known = {
        image.tobytes(): label
        for image, label in zip(digits.train.images, digits.train.labels, strict=True)
    }

    assert [known[image.tobytes()] for image in kept.images] == kept.labels.tolist()
    assert np.bincount(kept.labels, minlength=10).min() > 5


@pytest.mark.parametrize(
    ("config", "message"),
    [
        (
            RunConfig(dataset="digits", classes=(1,), train_size=500),
            r"train_size must be at most \d+, all there are of these classes; got 500",
        ),
        (
            RunConfig(dataset="digits", classes=(1,), batch_size=500),
            r"batch_size images \(here 500\) .* digits has \d+ and \d+ of these",
        ),
    ],
)
def test_too_few_images_are_refused(config: RunConfig, message: str, digits: Dataset) -> None:
    """Classes may leave fewer images than a config needs: the sentence says how many there are."""
    with pytest.raises(DatasetError, match=message):
        loading.select(config, digits)


def test_a_class_without_test_images_is_refused(digits: Dataset) -> None:
    """There must be something to measure on."""
    others = digits.test.labels != 4
    data = Dataset(digits.train, Split(digits.test.images[others], digits.test.labels[others]))

    with pytest.raises(DatasetError, match="and 0 of these classes"):
        loading.select(RunConfig(dataset="digits", classes=(4,), batch_size=32), data)


def _rewritten(**changes: Callable[[np.ndarray], np.ndarray]) -> Callable[[Path], None]:
    def damage(path: Path) -> None:
        with np.load(path) as file:
            arrays = {
                name: changes.get(name, lambda array: array)(file[name]) for name in file.files
            }
        np.savez(path, **arrays)

    return damage


def _save_one(path: Path) -> None:
    with path.open("wb") as handle:
        np.save(handle, np.zeros(3))


DAMAGE: dict[str, Callable[[Path], object]] = {
    "empty": lambda path: path.write_bytes(b""),
    "text": lambda path: path.write_text("<html>not found</html>"),
    "a flipped bit": lambda path: path.write_bytes(
        path.read_bytes()[:5_000] + b"\xa5" + path.read_bytes()[5_001:]
    ),
    "other names": lambda path: np.savez(path, images=np.zeros(3)),
    "other sizes": _rewritten(
        train_images=lambda array: array[:-1], train_labels=lambda array: array[:-1]
    ),
    "other shapes": _rewritten(test_images=lambda array: array[:, :, :4]),
    "other numbers": _rewritten(test_images=lambda array: array.astype(np.float32)),
    "labels out of range": _rewritten(test_labels=lambda array: array + 1),
    "negative labels": _rewritten(test_labels=lambda array: array - 1),
    "truncated": lambda path: path.write_bytes(path.read_bytes()[:-5_000]),
    "broken header": lambda path: path.write_bytes(
        path.read_bytes()[:76] + b"\x7f" + path.read_bytes()[77:]
    ),
    "one array": _save_one,
    "pickled": _rewritten(train_labels=lambda array: array.astype(object)),
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_a_damaged_file_is_made_again(
    damage: Callable[[Path], object], digits: Dataset, data_folder: Path, tmp_path: Path
) -> None:
    """A converted data set that is not what it should be is replaced by a right one."""
    path = tmp_path / "digits.npz"
    shutil.copy(data_folder / "digits.npz", path)
    damage(path)

    assert same(loading.prepare("digits", tmp_path, silent), digits)
    with np.load(path) as file:
        images, labels = (
            (digits.train.images, digits.test.images),
            (digits.train.labels, digits.test.labels),
        )
        for split, right_images, right_labels in zip(
            ("train", "test"), images, labels, strict=True
        ):
            assert np.array_equal(file[f"{split}_images"], right_images)
            assert np.array_equal(file[f"{split}_labels"], right_labels)


def test_two_processes_at_once_both_get_the_data(tmp_path: Path) -> None:
    """Both find the whole data set, made once, and nothing else is left."""
    code = (
        "import sys; from pathlib import Path; from autoencoder.data import loading\n"
        "print(len(loading.prepare('digits', Path(sys.argv[1]), lambda words: None).train))"
    )
    command = [sys.executable, "-c", code, str(tmp_path)]
    children = [
        subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(2)
    ]

    assert [child.communicate(timeout=60)[0].strip() for child in children] == ["1437", "1437"]
    assert {path.name for path in tmp_path.iterdir()} == {"digits.npz", ".digits.lock"}


@pytest.mark.parametrize("below", ["", "further/down"])
def test_a_data_folder_that_cannot_be_written_is_said(below: str, tmp_path: Path) -> None:
    """The sentence names the data set and the folder."""
    (tmp_path / "file").write_text("no folder")
    folder = tmp_path / "file" / below

    with pytest.raises(DatasetError, match=f"^cannot write digits to the data folder {folder}: "):
        loading.prepare("digits", folder, silent)


@pytest.mark.usefixtures("offline")
@pytest.mark.parametrize(
    ("name", "files", "where"),
    [
        ("mnist", ARCHIVES, "MNIST/raw"),
        ("kmnist", ARCHIVES, "KMNIST/raw"),
        ("cifar10", ("cifar-10-python.tar.gz",), ""),
    ],
)
def test_offline_the_error_says_what_to_put_where(
    name: str, files: tuple[str, ...], where: str, tmp_path: Path
) -> None:
    """One sentence with every file, the folder it belongs in and the data set that needs no
    download; nothing is left of the attempt.
    """
    said: list[str] = []
    with pytest.raises(DatasetError) as caught:
        loading.prepare(name, tmp_path, said.append)

    assert str(caught.value).startswith(
        f"{name} could not be downloaded: connect to the internet and try again, or use MNIST"
        " sample (mnist_sample), which needs no download, or put "
    )
    assert f", or put {', '.join(files)} into {tmp_path / where} by hand" in str(caught.value)
    assert "no network" in str(caught.value)
    assert "\n" not in str(caught.value)
    assert said[0] == f"loading torchvision to read {name}"
    assert [path.name for path in tmp_path.iterdir()] == [f".{name}.lock"]


@pytest.mark.usefixtures("offline")
@pytest.mark.parametrize(
    "content", [b"<html>please log in</html>", b"", b"\x1f\x8b\x08\x00damaged"]
)
def test_a_wrong_archive_is_not_used(content: bytes, tmp_path: Path) -> None:
    """A file put there by hand that is not the archive gives the same sentence; it stays, for
    whoever put it there.
    """
    archive = tmp_path / "MNIST" / "raw" / ARCHIVES[0]
    archive.parent.mkdir(parents=True)
    archive.write_bytes(content)

    with pytest.raises(DatasetError, match=f"^mnist could not be downloaded: .*{ARCHIVES[0]}"):
        loading.prepare("mnist", tmp_path, silent)

    assert archive.read_bytes() == content
    assert {path.name for path in tmp_path.iterdir()} == {".mnist.lock", "MNIST"}


class LoginPage(http.server.BaseHTTPRequestHandler):
    """Answers everything with a page of HTML, as the network of a hotel does."""

    def do_GET(self) -> None:
        """200, whatever was asked for."""
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"<html>please log in</html>")

    do_HEAD = do_GET  # noqa: N815 - http.server looks for these names

    def log_message(self, *words: object) -> None:
        """Not on the test's terminal."""


@pytest.fixture
def login_page(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Address of a server that answers with HTML, put in place of MNIST's."""
    import torchvision.datasets

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), LoginPage)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}/"
    monkeypatch.setattr(torchvision.datasets.MNIST, "mirrors", [address])
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    yield address
    server.shutdown()
    server.server_close()


def test_html_instead_of_an_archive_is_noticed(login_page: str, tmp_path: Path) -> None:
    """A download that succeeds and is not the archive is refused by its checksum, and nothing of it
    stays.
    """
    with pytest.raises(
        DatasetError, match=f"^mnist could not be downloaded: .*{login_page}.*corrupted"
    ):
        loading.prepare("mnist", tmp_path, silent)

    assert [path.name for path in tmp_path.iterdir()] == [".mnist.lock"]


@pytest.mark.slow
@pytest.mark.usefixtures("offline")
@pytest.mark.skipif(not MNIST.is_dir(), reason=f"the archives of MNIST are not in {MNIST}")
def test_mnist_is_read_from_archives_put_there_by_hand(tmp_path: Path) -> None:
    """With its four archives in place MNIST needs no network; the next start needs not even
    them.
    """
    shutil.copytree(MNIST, tmp_path / "MNIST", copy_function=shutil.copyfile)
    data = loading.prepare("mnist", tmp_path, silent)

    assert (data.train.images.shape, data.test.images.shape) == (
        (60_000, 1, 28, 28),
        (10_000, 1, 28, 28),
    )
    assert (data.train.labels[:5].tolist(), data.test.labels[:5].tolist()) == (
        [5, 0, 4, 1, 9],
        [7, 2, 1, 0, 4],
    )
    assert round(float(data.train.images.mean()), 2) == 33.32
    assert {path.name for path in tmp_path.iterdir()} == {"MNIST", "mnist.npz", ".mnist.lock"}

    shutil.rmtree(tmp_path / "MNIST")
    assert same(loading.prepare("mnist", tmp_path, silent), data)


def test_threads_at_once_all_get_the_data(digits: Dataset, tmp_path: Path) -> None:
    """Visitors of one server are threads of one process: each gets the whole data set."""
    with ThreadPoolExecutor(6) as pool:
        found = list(pool.map(lambda number: loading.prepare("digits", tmp_path, silent), range(6)))

    assert all(same(data, digits) for data in found)


def test_no_bit_of_a_header_can_be_flipped_unnoticed(
    digits: Dataset, data_folder: Path, tmp_path: Path
) -> None:
    """Any flip in the directory of the archive or the headers of its arrays gives the same images
    or none.
    """
    whole, path = (data_folder / "digits.npz").read_bytes(), tmp_path / "digits.npz"
    for place in (*range(200), *range(len(whole) - 300, len(whole))):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 8]) + whole[place + 1 :])
        found = loading._read(path, loading.DATASETS["digits"])
        assert found is None or same(found, digits)


@pytest.mark.skipif(sys.platform == "win32", reason="resource limits are POSIX's")
def test_a_full_disk_leaves_no_scratch_file(tmp_path: Path) -> None:
    """The error is a sentence, and the half-written file is gone."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, hard))
    try:
        with pytest.raises(DatasetError, match=r"^cannot write digits to the data folder"):
            loading.prepare("digits", tmp_path, silent)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    assert [path.name for path in tmp_path.iterdir()] == [".digits.lock"]


def test_what_a_killed_download_left_is_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next attempt, which holds the lock, clears the scratch folder of one that was killed."""
    (tmp_path / ".mnist-abc123").mkdir()
    (tmp_path / ".mnist-abc123" / "half.gz").write_bytes(b"half")

    def refuse(*request: object, **options: object) -> None:
        raise urllib.error.URLError("no network")

    monkeypatch.setattr(urllib.request, "urlopen", refuse)
    with pytest.raises(DatasetError):
        loading.prepare("mnist", tmp_path, silent)

    assert [path.name for path in tmp_path.iterdir()] == [".mnist.lock"]


def test_what_is_said_while_fetching_is_heard(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Progress printed in the middle of a download reaches the terminal: torchvision's own bar
    alone is silenced.
    """

    def refuse(*request: object, **options: object) -> None:
        print("heard")  # noqa: T201 - as `say` does, from the thread that watches
        raise urllib.error.URLError("no network")

    monkeypatch.setattr(urllib.request, "urlopen", refuse)
    with pytest.raises(DatasetError):
        loading.prepare("mnist", tmp_path, print)

    assert "heard" in capsys.readouterr().out


@pytest.mark.parametrize("in_memory", [0, 10**9], ids=["through a file", "in memory"])
def test_a_part_of_images_on_disk_is_the_same_part(
    in_memory: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether it is copied in memory or into a file that nobody sees, piece by piece."""
    monkeypatch.setattr(loading, "COPIED_IN_MEMORY", in_memory)
    monkeypatch.setattr(loading, "COPIED_AT_ONCE", 3)
    images = np.random.default_rng(0).integers(0, 256, (20, 1, 8, 8), np.uint8)
    np.save(tmp_path / "images.npy", images)
    split = Split(np.load(tmp_path / "images.npy", mmap_mode="c"), np.arange(20) % 2)
    config = RunConfig(dataset="digits", classes=(1,), batch_size=2, train_size=7)

    part = loading.select(config, Dataset(split, split))

    assert isinstance(part.test.images, np.memmap) == (in_memory == 0)
    assert np.array_equal(part.test.images, images[1::2])
    assert len(part.train) == 7 and (part.train.labels == 1).all()
    assert all(any(np.array_equal(one, each) for each in images[1::2]) for one in part.train.images)
    assert [path.name for path in tmp_path.iterdir()] == ["images.npy"]
