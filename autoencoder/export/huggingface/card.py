"""The model card: README.md, by the template model_card.md.

Its front matter is YAML, of which JSON is a part: every text in it is written as JSON.
"""

import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from string import Template

from autoencoder.config.metrics import CLUSTERING_METRICS, RECONSTRUCTION_METRICS
from autoencoder.config.run_config import OPTIONS
from autoencoder.formatting import duration
from autoencoder.networks.blueprint import blueprint_of
from autoencoder.runs import Run

TEMPLATE = Path(__file__).with_name("model_card.md")
HUB = {  # data sets on the Hub
    "mnist": "ylecun/mnist",
    "mnist_sample": "ylecun/mnist",
    "fashion_mnist": "zalando-datasets/fashion_mnist",
    "cifar10": "uoft-cs/cifar10",
}
MARKDOWN = re.compile(r"([\\`*_{}\[\]<>()#!|~$&:])")


def card(run: Run, shown: int, about_map: str) -> str:
    """README.md.

    Args:
        run: A run that has weights.
        shown: How many images reconstructions.png shows.
        about_map: What map.png shows; empty where there is none.
    """
    config = run.config
    return Template(TEMPLATE.read_text(encoding="utf-8")).substitute(
        front_matter="\n".join(_front_matter(run)),
        title=run.key,
        about=_about(run),
        shown=shown,
        map=f"\n![Map of the latents](map.png)\n\n*{about_map}*\n" if about_map else "",
        sizes=", ".join(map(str, config.shape)),
        latent_dim=config.latent_dim,
        metrics=_metrics(run),
        trained=_trained(run),
        first=_first(run),
        command=f"python -m autoencoder train {shlex.join(config.flags())}",
        options="\n".join(_options(run)),
    )


def literal(text: str) -> str:
    """A text on one line, as Markdown shows it."""
    return MARKDOWN.sub(r"\\\1", " ".join(text.split()))


def _front_matter(run: Run) -> Iterator[str]:
    config = run.config
    yield "library_name: pytorch"
    yield "pipeline_tag: image-feature-extraction"
    yield "tags:"
    for tag in ("autoencoder", "latent-lab", *config.objective_part, config.network):
        yield f"- {tag}"
    dataset = HUB.get(config.dataset, config.dataset)
    if config.dataset in HUB:
        yield "datasets:"
        yield f"- {dataset}"
    values = _reconstruction_values(run)
    if not values:
        return
    yield "metrics:"
    yield from (f"- {name}" for name in values)
    yield "model-index:"
    yield f"- name: {json.dumps(run.key)}"
    yield "  results:"
    yield "  - task:"
    yield "      type: image-feature-extraction"
    yield "    dataset:"
    yield f"      name: {json.dumps(config.info.title)}"
    yield f"      type: {json.dumps(dataset)}"
    yield "      split: test"
    yield "    metrics:"
    for name, value in values.items():
        yield f"    - type: {name}"
        yield f"      name: {json.dumps(RECONSTRUCTION_METRICS[name].heading)}"
        yield f"      value: {value!r}"


def _reconstruction_values(run: Run) -> dict[str, float]:
    metrics = run.metrics
    return {name: metrics[name]["run"] for name in RECONSTRUCTION_METRICS if name in metrics}


def _about(run: Run) -> str:
    config, spec = run.config, run.config.objective_spec
    numbers = "one number" if config.latent_dim == 1 else f"{config.latent_dim} numbers"
    return (
        f"An autoencoder that turns an image of {literal(config.info.title)} ({config.shape}) into"
        f" {numbers} and back: network {config.network_spec.title}"
        f" ({config.network_spec.help}), {blueprint_of(config).parameters:,} parameters. Objective"
        f" {spec.title}: {spec.help}."
    )


def _metrics(run: Run) -> str:
    values, stored = _reconstruction_values(run), run.metrics
    if not values:
        return "Not measured: the training has not ended."
    lines = [
        f"On the first {stored['samples']:,} test images, which it was not trained on. PCA is"
        f" fitted to the training images and keeps as many numbers ({run.config.latent_dim}).",
        "",
        "| | this network | PCA | |",
        "|---|---|---|---|",
    ]
    for name, value in values.items():
        metric, pca = RECONSTRUCTION_METRICS[name], stored[name]["pca"]
        lines.append(f"| {metric.heading} | {value:.4g} | {pca:.4g} | {metric.about} |")
    if (clustering := run.clustering()) is not None:
        for name, metric in CLUSTERING_METRICS.items():
            measures = [clustering.scores.metrics[name][space] for space in ("latents", "pca")]
            cells = [f"{each.mean:.3f}" if each else "-" for each in measures]
            lines.append(f"| {metric.heading} | {' | '.join(cells)} | {metric.about} |")
    return "\n".join(lines)


def _trained(run: Run) -> str:
    config, record, history = run.config, run.record, run.history
    images = config.train_size or config.info.train
    if config.classes:
        names = ", ".join(literal(run.class_names[label]) for label in config.classes)
        where = f"images of {literal(config.info.title)} (classes {names})"
    else:
        where = f"{images:,} images of {literal(config.info.title)}"
    took = f" in {duration(history[-1].seconds)}" if history else ""
    how = [
        f"device {record.device}" if record.device else "",
        f"{record.threads} thread{'s' if record.threads > 1 else ''}" if record.threads else "",
        record.precision,
    ]
    by = f" ({', '.join(filter(None, how))})" if any(how) else ""
    return f"On {where}, {len(history)} of {config.epochs} epochs{took}{by}."


def _first(run: Run) -> str:
    """What has to be done before the training, where its images are somebody's own."""
    if run.config.added is None:
        return ""
    return f"python -m autoencoder data add FOLDER --name {run.config.dataset}  # its images\n"


def _options(run: Run) -> Iterator[str]:
    for name, option in OPTIONS.items():
        if run.config.uses(name):
            value = getattr(run.config, name)
            text = ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
            yield f"| {option.metadata['label']} (`{name}`) | {literal(text) or '-'} |"
