"""A lab's report: the question, the runs and what was measured, as Markdown and as JSON, with its
pictures.

    labs/E1-digits-quick/
        report.md      for people
        report.json    the same, checked in every detail when it is read
        *.json         figures, as Plotly keeps them
        *.png *.gif    walls and films of images

The folder is built under a hidden name and renamed: whole or not at all. Whoever writes a report
holds its task's lock.
"""

import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from msgspec import Meta, to_builtins

from autoencoder.errors import LabError
from autoencoder.jobs.lab import FOLDER
from autoencoder.labs.claims import Claim
from autoencoder.labs.pictures import FILE, Picture
from autoencoder.runs import files
from autoencoder.runs.store import KEY
from autoencoder.validation import Count, Exact, Finite, matching

FORMAT = 1
MOST = 200  # runs, claims, pictures; numbers of a claim
MOST_LETTERS = 4_000
MAX_PICTURE = 32 << 20  # bytes
WORDS = ("name", "title", "question", "dataset")
RESERVED = ("report.json",)
FEW = Meta(max_length=MOST)
Words = Annotated[str, Meta(max_length=MOST_LETTERS)]


class Used(Exact, frozen=True):
    """A run of a report: its part in the lab, its key, seed and epochs, and the seconds that its
    training took.
    """

    role: Words
    key: Annotated[str, matching(KEY)]
    seed: Count
    epochs: Count
    seconds: Finite


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
            {"file": picture.file, "title": picture.title, "caption": picture.caption}
            for picture in self.pictures
        ]
        claims = [{**asdict(claim), "verdict": claim.verdict} for claim in self.claims]
        plain = {
            name: getattr(self, name) for name in (*WORDS, "quick", "train", "test", "seconds")
        }
        rest = {
            "runs": [to_builtins(run) for run in self.runs],
            "claims": claims,
            "pictures": pictures,
        }
        return {"format": FORMAT, **plain, "seeds": list(self.seeds), **rest}


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
        return files.read_json(path, _StoredReport).report()
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


Number = Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)] | Finite | Words | None
Numbers = Annotated[dict[Words, Number | Annotated[list[Number], Meta(max_length=MOST)]], FEW]


class _StoredClaim(Exact, frozen=True):
    statement: Words
    holds: bool | None
    measured: Words
    numbers: Numbers
    verdict: str

    def claim(self) -> Claim:
        return Claim(self.statement, self.holds, self.measured, self.numbers)

    def __post_init__(self) -> None:
        if self.verdict != self.claim().verdict:
            raise ValueError("a claim's verdict does not say whether it holds")


class _StoredPicture(Exact, frozen=True):
    file: Annotated[str, matching(FILE)]
    title: Words
    caption: Words

    def __post_init__(self) -> None:
        if self.file in RESERVED:
            raise ValueError("a picture's file has the name of another file")


class _StoredReport(Exact, frozen=True):
    """What `Report.to_dict` gives."""

    format: Literal[1]
    name: Words
    title: Words
    question: Words
    dataset: Words
    quick: bool
    train: Count
    test: Count
    seeds: Annotated[list[Count], FEW]
    seconds: Finite
    runs: Annotated[list[Used], FEW]
    claims: Annotated[list[_StoredClaim], FEW]
    pictures: Annotated[list[_StoredPicture], FEW]

    def report(self) -> Report:
        return Report(
            *(self.name, self.title, self.question, self.dataset, self.quick),
            *(self.train, self.test, self.seeds, self.seconds, self.runs),
            [stored.claim() for stored in self.claims],
            [Picture(stored.file, stored.title, stored.caption) for stored in self.pictures],
        )
