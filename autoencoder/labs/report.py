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

from autoencoder.config.options import RUN_KEY
from autoencoder.errors import LabError
from autoencoder.jobs.lab import FOLDER
from autoencoder.labs.claims import Claim
from autoencoder.labs.pictures import FILE, Picture, Row
from autoencoder.runs import files
from autoencoder.validation import Count, Exact, Finite, JsonObject, Seconds, matching

FORMAT = 2  # one of format 1, of an earlier version, is done again
MOST = 200  # runs, parts, claims, pictures; numbers of a claim
MOST_LETTERS = 4_000
MAX_REPORT = 2 << 20  # bytes of report.json
MAX_PICTURE = 16 << 20  # bytes
WORDS = ("name", "title", "question", "dataset", "date", "machine")
RESERVED = ("report.json",)
FEW = Meta(max_length=MOST)
Words = Annotated[str, Meta(max_length=MOST_LETTERS)]


class Used(Exact, frozen=True):
    """A run of a report: its part in the lab, its key, seed, loss and epochs, and the seconds that
    its training took.

    Attributes:
        dead: Units, of all layers, that are dead in the end.
        units: All there are.
        gain: Share of its test error that the last tenth of its epochs took off; None after a
            single epoch.
    """

    role: Words
    key: Annotated[str, matching(RUN_KEY)]
    seed: Count
    loss: Words
    epochs: Count
    seconds: Seconds
    dead: Count
    units: Count
    gain: Finite | None


@dataclass(frozen=True)
class Part:
    """A section of a report: what was claimed, and the pictures beside it, row by row."""

    title: str
    claims: Sequence[Claim]
    rows: Sequence[Row]


@dataclass(frozen=True)
class Report:
    """All that a lab measured.

    Attributes:
        name: Of the lab, such as "E1".
        title, question: As the lab's.
        dataset, quick: How it was done.
        train, test: Images.
        seeds: Of the trainings; the pictures show runs of the first.
        seconds: The whole took, trainings that were there before not counted.
        date: When it was done, ISO 8601.
        machine: What did it, in words.
        runs, parts: In order; of a report that was read, the pictures have no content.
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
    date: str
    machine: str
    runs: Sequence[Used]
    parts: Sequence[Part]

    @property
    def claims(self) -> list[Claim]:
        """Of all parts."""
        return [claim for part in self.parts for claim in part.claims]

    @property
    def pictures(self) -> list[Picture]:
        """Of all parts."""
        return [picture for part in self.parts for row in part.rows for picture in row]

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON, without the pictures' content."""
        plain = {
            name: getattr(self, name) for name in (*WORDS, "quick", "train", "test", "seconds")
        }
        rest = {
            "runs": [to_builtins(run) for run in self.runs],
            "parts": [_plain_part(part) for part in self.parts],
        }
        return {"format": FORMAT, **plain, "seeds": list(self.seeds), **rest}


def _plain_part(part: Part) -> dict[str, Any]:
    rows = [
        [{"file": each.file, "title": each.title, "caption": each.caption} for each in row]
        for row in part.rows
    ]
    claims = [{**asdict(claim), "verdict": claim.verdict} for claim in part.claims]
    return {"title": part.title, "claims": claims, "rows": rows}


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


def exists(models: Path, name: str) -> bool:
    """Whether there is a report `name`, damaged or not."""
    return (models / FOLDER / name / "report.json").is_file()


def read(models: Path, name: str) -> Report | None:
    """The report `name`; None if there is none. Raises LabError if it is damaged."""
    path = models / FOLDER / name / "report.json"
    if not exists(models, name):
        return None
    try:
        stored = files.read_json(path, JsonObject, MAX_REPORT)
        if stored.get("format") == 1:
            raise ValueError("an earlier version made it: run the lab again")
        return files.read_json(path, _StoredReport, MAX_REPORT).report()
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
    how = (
        "the quick version of this lab with few epochs"
        if report.quick
        else "the full version of this lab"
    )
    lines = [
        f"# {report.name}. {report.title}",
        "",
        report.question,
        "",
        (
            f"Data set {report.dataset}: {report.train:,} training and {report.test:,} test"
            f" images. This is {how}: {len(report.runs)} runs with seeds"
            f" {', '.join(map(str, report.seeds))}. It took {report.seconds:.0f} s on"
            f" {report.machine}, {report.date}, without the runs that existed before. Errors"
            " are test errors. A spread is a spread over the seeds, unless a sentence says"
            f" otherwise. Pictures show the runs with seed {report.seeds[0]}."
        ),
    ]
    for part in report.parts:
        lines += ["", f"## {part.title}"]
        for claim in part.claims:
            lines += ["", f"- **{claim.verdict}**: {claim.statement}", f"  {claim.measured}"]
        for row in part.rows:
            for picture in row:
                lines += ["", f"### {picture.title}", "", _shown(picture), "", picture.caption]
    lines += ["", "## Runs", "", f"| {' | '.join(COLUMNS)} |", "|---" * len(COLUMNS) + "|"]
    lines += [f"| {' | '.join(_cells(run))} |" for run in report.runs]
    return "\n".join(lines) + "\n"


COLUMNS = (
    *("run", "seed", "loss", "epochs", "error fall in the last tenth", "dead units", "seconds"),
    "key",
)


def _cells(run: Used) -> list[str]:
    gain = "" if run.gain is None else f"{run.gain:.1%}"
    dead = f"{run.dead:,} of {run.units:,}"
    plain = run.role, str(run.seed), run.loss, str(run.epochs)
    return [*plain, gain, dead, f"{run.seconds:.1f}", run.key]


def _shown(picture: Picture) -> str:
    if picture.kind == "json":
        return f"[{picture.file}]({picture.file})"
    return f"![{picture.title}]({picture.file})"


Number = Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)] | Finite | Words | None
Numbers = Annotated[dict[Words, Number | Annotated[list[Number], Meta(max_length=MOST)]], FEW]


class _StoredClaim(Exact, frozen=True):
    statement: Words
    holds: bool | None
    measured: Words
    numbers: Numbers
    gain: Finite | None
    verdict: str

    def claim(self) -> Claim:
        return Claim(self.statement, self.holds, self.measured, self.numbers, self.gain)

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


class _StoredPart(Exact, frozen=True):
    title: Words
    claims: Annotated[list[_StoredClaim], FEW]
    rows: Annotated[list[Annotated[list[_StoredPicture], FEW]], FEW]

    def part(self) -> Part:
        rows = [[Picture(each.file, each.title, each.caption) for each in row] for row in self.rows]
        return Part(self.title, [stored.claim() for stored in self.claims], rows)


class _StoredReport(Exact, frozen=True):
    """What `Report.to_dict` gives."""

    format: Literal[2]
    name: Words
    title: Words
    question: Words
    dataset: Words
    quick: bool
    train: Count
    test: Count
    seeds: Annotated[list[Count], Meta(min_length=1, max_length=MOST)]
    seconds: Seconds
    date: Words
    machine: Words
    runs: Annotated[list[Used], FEW]
    parts: Annotated[list[_StoredPart], FEW]

    def report(self) -> Report:
        parts = [stored.part() for stored in self.parts]
        plain = {name: getattr(self, name) for name in (*WORDS, "quick", "train", "test")}
        return Report(**plain, seeds=self.seeds, seconds=self.seconds, runs=self.runs, parts=parts)
