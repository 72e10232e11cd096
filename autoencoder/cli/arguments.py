"""The grammar of the command line: subcommands, and a flag for every option of a run."""

import argparse
from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Any

from autoencoder.config import presets
from autoencoder.config.adding import AddOptions, parse_size
from autoencoder.config.exports import EXPORTS
from autoencoder.config.projections import JOBS, ProjectionSettings
from autoencoder.config.run_config import OPTIONS, RunConfig
from autoencoder.errors import ConfigError
from autoencoder.runs.labels import MOST_NOTE, MOST_TITLE

Command = Callable[..., int]


def parser(functions: Mapping[str, Command]) -> argparse.ArgumentParser:
    """The command line's grammar; each subcommand's help is the first line of the function that
    does it.
    """
    whole = argparse.ArgumentParser(
        prog="python -m autoencoder", description="Train and explore autoencoders."
    )
    commands = whole.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str) -> argparse.ArgumentParser:
        return _command(commands, name, functions[name])

    _add_train_options(command("train"))
    _add_sweep_options(command("sweep"))
    _add_config_options(command("calibrate"))
    _add_projection_options(command("project"))
    command("mixture").add_argument("key", metavar="KEY")
    _add_evaluate_options(command("evaluate"))
    _add_lab_options(command("lab"))
    _add_job_options(command("job"))
    _add_label_options(command("label"))
    command("runs").add_argument("--json", action="store_true")
    _add_export_options(command("export"))
    command("import").add_argument("file", metavar="FILE")
    _add_data_commands(commands, functions)
    return whole


def _add_train_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--run", metavar="KEY", help="continue this run, or train it now if it is in the queue"
    )
    parser.add_argument(
        "--precompute",
        action=argparse.BooleanOptionalAction,
        help="afterwards, measure how the classes cluster and compute a map (default: yes, unless"
        " AUTOENCODER_PRECOMPUTE is 0)",
    )
    _add_computing_options(parser)
    parser.add_argument(
        "--processes",
        type=_positive,
        default=0,
        help="number of processes that share each batch, by torchrun (default: 1, or as many as"
        " the run was started with)",
    )
    _add_config_options(parser)


def _add_sweep_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--latent-dims",
        type=_numbers,
        required=True,
        metavar="D,D,...",
        help="bottlenecks, such as 2,4,8,16",
    )
    parser.add_argument(
        "--seeds",
        type=_numbers,
        default=(),
        metavar="S,S,...",
        help="seeds, each with every bottleneck",
    )
    parser.add_argument(
        "--name", help="name of the sweep (default: made from the options that differ)"
    )
    _add_computing_options(parser)
    parser.set_defaults(processes=0)  # each run on as many as it was started with
    _add_config_options(parser)


def _add_evaluate_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("key", metavar="KEY")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of lines")
    parser.add_argument(
        "--full",
        action="store_true",
        help=("also measure the 1-NN error against all training images; 60,000 take minutes"),
    )


def _add_lab_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="LAB", help="E1 to E5")
    dataset = RunConfig().dataset
    parser.add_argument("--dataset", default=dataset, help=f"data set (default {dataset})")
    parser.add_argument(
        "--quick", action="store_true", help="few epochs, and only a part of a large data set"
    )
    parser.add_argument(
        "--epochs",
        type=_positive,
        default=0,
        help="epochs of every training (default: those of the lab)",
    )


def _add_job_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "key", metavar="KEY", help="key of the run, or name of the folder with the task"
    )
    parser.add_argument("name", metavar="NAME", help="name of the task, such as mixture")


def _add_label_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("key", metavar="KEY")
    parser.add_argument("--title", help=f"title of the run, at most {MOST_TITLE} letters")
    parser.add_argument("--note", help=f"note about the run, at most {MOST_NOTE} letters")
    parser.add_argument(
        "--pin",
        dest="pinned",
        action=argparse.BooleanOptionalAction,
        help="show the run before all others on the Runs page",
    )


def _add_export_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("keys", metavar="KEY", nargs="+", help="several for an archive alone")
    parser.add_argument(
        "--to",
        required=True,
        choices=tuple(EXPORTS),
        help="; ".join(f"{name}: {each.help}" for name, each in EXPORTS.items()),
    )
    parser.add_argument(
        "--out", help="file or folder to write (default: here, named for the run); .zip packs it"
    )


def _add_data_commands(commands: Any, functions: Mapping[str, Command]) -> None:
    about = "Add images of your own as a data set; list, show and remove data sets."
    data = commands.add_parser("data", help=about, description=about)
    actions = data.add_subparsers(required=True, metavar="ACTION")
    add = _command(actions, "add", functions["data add"])
    add.add_argument("source", metavar="SOURCE", help="folder or file with the images")
    add.add_argument("--name", required=True, help="by which runs choose it, such as leaves")
    add.add_argument("--title", default="", help="what pages call it (default: the name)")
    _add_options_of_images(add)
    _command(actions, "list", functions["data list"])
    for name in ("show", "remove"):
        _command(actions, name, functions[f"data {name}"]).add_argument("name", metavar="NAME")


def _add_options_of_images(parser: argparse.ArgumentParser) -> None:
    """A flag for every option of AddOptions."""
    for option in fields(AddOptions):
        rule, default = option.metadata, option.default
        is_size = isinstance(default, tuple)
        choices = {"choices": tuple(rule["choices"])} if "choices" in rule else {}
        parser.add_argument(
            f"--{option.name}",
            type=_size if is_size else type(default),
            default=default,
            help=f"{rule['help']} (default {'what fits' if is_size else default})",
            **({"metavar": option.name.upper()} if not choices else choices),
        )


def _size(text: str) -> tuple[int, ...]:
    try:
        return parse_size(text)
    except ConfigError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _command(commands: Any, name: str, function: Command) -> argparse.ArgumentParser:
    about = " ".join((function.__doc__ or "").split())
    one: argparse.ArgumentParser = commands.add_parser(name, help=about, description=about)
    one.add_argument(
        "--models",
        metavar="DIR",
        help="folder of the runs (default: AUTOENCODER_MODELS, or models/)",
    )
    one.add_argument(
        "--data",
        metavar="DIR",
        help="folder of the data sets (default: AUTOENCODER_DATA, or a cache folder)",
    )
    one.set_defaults(command=function)
    return one


def _add_projection_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("key", metavar="KEY")
    parser.add_argument("--method", choices=JOBS, required=True)
    for option in fields(ProjectionSettings)[1:]:
        parser.add_argument(
            f"--{option.name.replace('_', '-')}",
            type=type(option.default),
            default=option.default,
            choices=option.metadata.get("choices"),
            help=option.metadata["help"].format(option.default),
        )


def _add_computing_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--threads",
        type=_positive,
        default=0,
        help="number of threads (default: the fastest of those tried)",
    )
    parser.add_argument(
        "--precision",
        choices=("float32", "bfloat16"),
        default="",
        help="default: the faster of those tried",
    )
    parser.add_argument(
        "--device",
        default="",
        choices=("cpu", "cuda", "mps"),
        help="default: cuda if there is such a GPU; mps, the GPU of Apple's processors, is untried",
    )


def _add_config_options(parser: argparse.ArgumentParser) -> None:
    """A flag for every option of RunConfig; what is not given is not in the namespace."""
    group = parser.add_argument_group("the run's options")
    group.add_argument(
        "--preset",
        choices=tuple(presets.PRESETS),
        help=("start from the options of a preset; other options on the command line replace them"),
    )
    for option in OPTIONS.values():
        flag, about, default = (
            "--" + option.name.replace("_", "-"),
            option.metadata["help"],
            option.default,
        )
        if isinstance(default, bool):
            group.add_argument(
                flag, action=argparse.BooleanOptionalAction, default=argparse.SUPPRESS, help=about
            )
            continue
        kind: Any = _numbers if isinstance(default, tuple) else type(default)
        shown = ",".join(map(str, default)) if isinstance(default, tuple) else default
        shown = option.metadata.get("empty", "none") if default == "" else shown
        if "choices" in option.metadata:
            about += f": {', '.join(option.metadata['choices'])}"
        group.add_argument(
            flag,
            type=kind,
            default=argparse.SUPPRESS,
            metavar=option.name.upper(),
            help=f"{about} (default {shown})",
        )


def _numbers(text: str) -> tuple[int, ...]:
    """ "64,32" -> (64, 32); "none" is no number at all."""
    try:
        return () if text == "none" else tuple(int(part) for part in text.split(","))
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"must be whole numbers separated by commas; got {text[:60]!r}"
        ) from None


def _positive(text: str) -> int:
    try:
        value = int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"must be a whole number; got {text[:60]!r}") from None
    if value < 1:
        raise argparse.ArgumentTypeError(f"must be at least 1; got {value}")
    return value
