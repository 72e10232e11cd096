"""The card of a run as HTML: what it is called, how it was trained, how good it is.

Every text is escaped: titles and names of classes come from whoever made the run.
"""

from collections.abc import Iterable
from html import escape

from autoencoder.config.metrics import RECONSTRUCTION_METRICS
from autoencoder.config.run_config import OPTIONS, RunConfig, label
from autoencoder.config.words import name, option_value
from autoencoder.export.html.content import Content, in_words
from autoencoder.formatting import duration, error_number, number
from autoencoder.networks.blueprint import blueprint_of
from autoencoder.runs import Run
from autoencoder.runs.labels import read_label

MOST_CLASSES = 20  # whose names the card lists
MOST_LETTERS = 24  # of such a name
# Options that stand elsewhere on the card, and values of the others that mean: not used.
ELSEWHERE = (*("dataset", "network", "objective", "classes"), *("latent_dim", "train_size", "seed"))
UNUSED = (0, "", "none", ())


def header_html(run: Run, content: Content) -> str:
    """The run in one line, under its title."""
    mse = run.metrics.get("mse")
    result = f"test MSE {error_number(mse['run'])} (PCA {error_number(mse['pca'])})" if mse else ""
    title = name(run.config)
    parts = [title if title != content.title else "", result, f"seed {run.config.seed}"]
    return escape(" · ".join(filter(None, parts)))


def card_html(run: Run, content: Content) -> str:
    """All that is known of the run: a note, and three tables beside each other."""
    note = read_label(run.folder).note
    return "\n".join(
        [
            f'<p class="note">{escape(note)}</p>' if note else "",
            '<div class="tables">',
            _section("How good it is", _results(run)),
            _section("What it is", _table(_facts(run, content))),
            _section("How it was trained", _table(_training(run))),
            "</div>",
            _command(run.config),
        ]
    )


def _section(title: str, content: str) -> str:
    return f"<section><h3>{title}</h3>{content}</section>"


def _table(rows: Iterable[tuple[str, str]]) -> str:
    cells = (f"<tr><th scope=row>{escape(a)}</th><td>{escape(b)}</td></tr>" for a, b in rows)
    return f"<table>{''.join(cells)}</table>"


def _results(run: Run) -> str:
    """A row for each metric, beside that of PCA."""
    metrics = run.metrics
    if not metrics:
        return "<p>Not measured yet: the training has not finished.</p>"
    rows = "".join(
        f'<tr title="{escape(metric.about)}"><th scope=row>{escape(metric.heading)}</th>'
        f"<td>{number(metrics[key]['run'])}</td><td>{number(metrics[key]['pca'])}</td>"
        f"<td class=better>{'higher' if metric.higher_is_better else 'lower'} is better</td></tr>"
        for key, metric in RECONSTRUCTION_METRICS.items()
        if key in metrics
    )
    split = escape(str(metrics["split"]))
    meanings = ". ".join(
        f"{metric.title}: {metric.help}"
        for key, metric in RECONSTRUCTION_METRICS.items()
        if key in metrics
    )
    return (
        "<table><thead><tr><td></td><th scope=col>This run</th><th scope=col>PCA</th>"
        "<td class=better></td></tr>"
        f"</thead><tbody>{rows}</tbody></table>"
        f"<p>Means over {metrics['samples']:,} images of the {split} split. PCA has as many numbers"
        f" for each image as the run. {escape(meanings)}.</p>"
    )


def _facts(run: Run, content: Content) -> Iterable[tuple[str, str]]:
    config, info = run.config, run.config.info
    blueprint = blueprint_of(config)
    yield "Data set", info.title
    yield "Images", f"{config.shape}"
    yield "Classes", _classes(run)
    yield "Network", f"{config.network_spec.title}: {config.network_spec.help}"
    yield "Objective", f"{config.objective_spec.title}: {config.objective_spec.help}"
    yield "Bottleneck", f"{config.latent_dim} of {config.shape.pixels:,} numbers"
    yield "Parameters", f"{blueprint.parameters:,}"
    if config.is_variational:
        yield "Latent of an image", "the mean of its posterior"
    yield "In this file", in_words(content.count, content.total)


def _classes(run: Run) -> str:
    names = [run.class_names[each] for each in run.config.classes] or list(run.class_names)
    if not run.is_labelled:
        return "none: the images have no labels"
    shown = ", ".join(map(_cut, names[:MOST_CLASSES]))
    return f"{len(names)}: {shown}{', …' if len(names) > MOST_CLASSES else ''}"


def _cut(text: str) -> str:
    return text if len(text) <= MOST_LETTERS else f"{text[: MOST_LETTERS - 1]}…"


def _training(run: Run) -> Iterable[tuple[str, str]]:
    config, record = run.config, run.record
    images = config.train_size or config.info.train
    yield "Trained on", f"{images:,} images"
    for option in OPTIONS:
        value = getattr(config, option)
        if option not in ELSEWHERE and config.uses(option) and value not in UNUSED:
            yield label(option).partition(" (")[0], option_value(option, value)
    yield "Seed", str(config.seed)
    if record.took:
        yield "Took", duration(record.took)
    if record.ended:
        yield "Finished on", record.ended[:10]


def _command(config: RunConfig) -> str:
    command = " ".join(["python -m autoencoder train", *config.flags()])
    return (
        f"<details><summary>The command that trains this run</summary><pre>{escape(command)}</pre>"
        "</details>"
    )
