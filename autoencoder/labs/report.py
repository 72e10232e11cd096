"""A lab's report: what was asked, trained and measured, as Markdown for people and JSON for
machines,
with its pictures.

    labs/E1-digits-quick/
        report.md      for people
        report.json    the same, checked in every detail when it is read
        *.json         figures, as Plotly keeps them
        *.png *.gif    walls and films of images

The folder is built under a hidden name and renamed: whole or not at all. Whoever writes a report
holds its task's lock.
"""

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from autoencoder.errors import LabError
from autoencoder.jobs.lab import FOLDER
from autoencoder.labs.claims import Claim
from autoencoder.labs.pictures import FILE, Picture
from autoencoder.runs import files
from autoencoder.runs.store import KEY

FORMAT = 1
MOST = 200  # runs, claims, pictures; numbers of a claim
MOST_LETTERS = 4_000
MAX_PICTURE = 32 << 20  # bytes
WORDS = ("name", "title", "question", "dataset")
RESERVED = ("report.json",)


@dataclass(frozen=True)
class Used:
    """A run of a report: its part in the lab, its key, seed and epochs, and the seconds that its
    training took.
    """

    role: str
    key: str
    seed: int
    epochs: int
    seconds: float


@dataclass(frozen=True)
class Report:
    """All that a lab found.

    Attributes:
        name: Of the lab, such as "E1".
        title, question: As the lab's.
        dataset, quick: How it was done.
        train, test: Images.
        seeds: Of the trainings.
        seconds: The whole took, trainings that were there before not counted.
        runs, claims, pictures: In order; of a report that was read, the pictures have no content.
    """

    name: str
    title: str
    question: str
    dataset: str
    quick: bool
    train: int
    test: int
    seeds: Sequence[int]
    seconds: float
    runs: Sequence[Used]
    claims: Sequence[Claim]
    pictures: Sequence[Picture]

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON, without the pictures' content."""
        pictures = [
            {"file": each.file, "title": each.title, "caption": each.caption}
            for each in self.pictures
        ]
        claims = [{**asdict(each), "verdict": each.verdict} for each in self.claims]
        plain = {
            name: getattr(self, name) for name in (*WORDS, "quick", "train", "test", "seconds")
        }
        rest = {
            "runs": [asdict(each) for each in self.runs],
            "claims": claims,
            "pictures": pictures,
        }
        return {"format": FORMAT, **plain, "seeds": list(self.seeds), **rest}

    @classmethod
    def from_dict(cls, data: Any) -> "Report":
        """The inverse of `to_dict`. Raises ValueError for anything else, however it is made."""
        keys = {
            "format",
            *WORDS,
            "quick",
            "train",
            "test",
            "seeds",
            "seconds",
            "runs",
            "claims",
            "pictures",
        }
        _require(isinstance(data, dict) and data.keys() == keys, "it has other parts than a report")
        _require(
            data["format"] == FORMAT and type(data["format"]) is int, "its format is not known"
        )
        _require(type(data["quick"]) is bool, "quick must be true or false")
        return cls(
            **{name: _words(data[name]) for name in WORDS},
            quick=data["quick"],
            train=_count(data["train"]),
            test=_count(data["test"]),
            seeds=[_count(seed) for seed in _list(data["seeds"])],
            seconds=_number(data["seconds"]),
            runs=[_used(each) for each in _list(data["runs"])],
            claims=[_claim(each) for each in _list(data["claims"])],
            pictures=[_picture(each) for each in _list(data["pictures"])],
        )


def write(models: Path, name: str, report: Report) -> Path:
    """Put the report into `models`/labs/`name`, in place of an earlier one.

    Raises LabError if it cannot be written.
    """
    folder = models / FOLDER / name
    hidden, old = folder.with_name(f".new-{name}"), folder.with_name(f".old-{name}")
    try:
        for left in (hidden, old):  # by a process that was killed
            shutil.rmtree(left, ignore_errors=True)
        hidden.mkdir(parents=True)
        for picture in report.pictures:
            files.write_bytes(hidden / picture.file, picture.content)
        files.write_bytes(hidden / "report.md", markdown(report).encode())
        files.write_json(hidden / "report.json", report.to_dict())
        if folder.exists():
            folder.rename(old)
        hidden.rename(folder)
    except OSError as error:
        if old.exists() and not folder.exists():
            old.rename(folder)
        raise LabError(f"cannot write the report {name}: {error.strerror}") from error
    finally:
        shutil.rmtree(hidden, ignore_errors=True)
        shutil.rmtree(old, ignore_errors=True)
    return folder


def read(models: Path, name: str) -> Report | None:
    """The report `name`; None if there is none. Raises LabError if it is damaged."""
    path = models / FOLDER / name / "report.json"
    if not path.exists():
        return None
    try:
        return Report.from_dict(files.read_json(path))
    except (OSError, ValueError) as error:
        raise LabError(f"the report {name} is damaged: {str(error)[:300]}") from error


def content(models: Path, name: str, picture: Picture) -> bytes:
    """A picture's file. Raises LabError if it cannot be read."""
    try:
        return files.read_bytes(models / FOLDER / name / picture.file, MAX_PICTURE)
    except (OSError, ValueError) as error:
        raise LabError(f"the report {name} is damaged: {picture.file} cannot be read") from error


def markdown(report: Report) -> str:
    """The report for people."""
    how = "a quick version with few epochs" if report.quick else "the whole version"
    epochs = sorted({run.epochs for run in report.runs})
    lines = [
        f"# {report.name}. {report.title}",
        "",
        report.question,
        "",
        (
            f"Data set {report.dataset}: {report.train:,} training images, {report.test:,} test"
            f" images. This is {how}: {len(report.runs)} trainings of"
            f" {' or '.join(map(str, epochs))} epochs, seeds {', '.join(map(str, report.seeds))},"
            f" {report.seconds:.0f} s without the trainings that were there. A spread is over"
            " seeds, unless it says otherwise."
        ),
        "",
        "## Claims",
    ]
    for claim in report.claims:
        lines += ["", f"- **{claim.verdict}**: {claim.statement}", f"  {claim.measured}"]
    lines += ["", "## Runs", "", "| run | seed | epochs | seconds | key |", "|---|---|---|---|---|"]
    lines += [
        f"| {run.role} | {run.seed} | {run.epochs} | {run.seconds:.1f} | {run.key} |"
        for run in report.runs
    ]
    lines += ["", "## Pictures"]
    for picture in report.pictures:
        shown = (
            f"[{picture.file}]({picture.file})"
            if picture.kind == "json"
            else f"![{picture.title}]({picture.file})"
        )
        lines += ["", f"### {picture.title}", "", shown, "", picture.caption]
    return "\n".join(lines) + "\n"


def _used(data: Any) -> Used:
    _exactly(data, {"role", "key", "seed", "epochs", "seconds"})
    _require(
        isinstance(data["key"], str) and KEY.fullmatch(data["key"]) is not None,
        "a run's key is none",
    )
    return Used(
        _words(data["role"]),
        data["key"],
        _count(data["seed"]),
        _count(data["epochs"]),
        _number(data["seconds"]),
    )


def _claim(data: Any) -> Claim:
    _exactly(data, {"statement", "holds", "measured", "numbers", "verdict"})
    _require(
        data["holds"] is None or type(data["holds"]) is bool,
        "a claim must hold, not hold, or be open",
    )
    _require(
        isinstance(data["numbers"], dict) and len(data["numbers"]) <= MOST,
        "a claim's numbers must be named",
    )
    numbers: Mapping[str, Any] = {
        _words(name): _plain(value) for name, value in data["numbers"].items()
    }
    claim = Claim(_words(data["statement"]), data["holds"], _words(data["measured"]), numbers)
    _require(data["verdict"] == claim.verdict, "a claim's verdict is not its own")
    return claim


def _picture(data: Any) -> Picture:
    _exactly(data, {"file", "title", "caption"})
    named = (
        isinstance(data["file"], str)
        and FILE.fullmatch(data["file"])
        and data["file"] not in RESERVED
    )
    _require(bool(named), "a picture's file has another name than one of ours")
    return Picture(data["file"], _words(data["title"]), _words(data["caption"]))


def _plain(value: Any) -> Any:
    """A number, none, a word, or a list of such."""
    if isinstance(value, list):
        _require(len(value) <= MOST, "a claim has too many numbers")
        return [_plain(each) for each in value if not isinstance(each, list)]
    return value if value is None else _words(value) if isinstance(value, str) else _number(value)


def _exactly(data: Any, keys: set[str]) -> None:
    _require(
        isinstance(data, dict) and data.keys() == keys,
        f"something must have the parts {', '.join(sorted(keys))}",
    )


def _list(data: Any) -> list[Any]:
    _require(isinstance(data, list) and len(data) <= MOST, f"a list must have at most {MOST} parts")
    return data


def _words(data: Any) -> str:
    _require(
        isinstance(data, str) and len(data) <= MOST_LETTERS,
        f"a text must have at most {MOST_LETTERS:,} letters",
    )
    return data


def _count(data: Any) -> int:
    _require(type(data) is int and 0 <= data < 2**63, "a count must be a whole number")
    return data


def _number(data: Any) -> float:
    _require(type(data) in (int, float) and abs(data) < 1e300, "a number must be finite")
    return data


def _require(condition: bool, problem: str) -> None:
    if not condition:
        raise ValueError(problem)
