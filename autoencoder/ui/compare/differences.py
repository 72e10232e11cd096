"""In which options runs differ, in words: those that all of them have, and those that only some
have.
"""

from collections.abc import Sequence

from autoencoder.analysis import comparison
from autoencoder.config.run_config import RunConfig
from autoencoder.config.run_config import label as option_label
from autoencoder.ui.shared.text import literal


def differences_in_words(
    configs: Sequence[RunConfig],
    names: Sequence[str],
    *,
    subject: str = "They",
    ignored: Sequence[str] = (),
) -> str:
    """Sentences in Markdown; nothing where the configs are alike.

    An option is said to differ where at least two of the configs have it. One that only some have,
    such as the activation of a network that is not linear, is said to be theirs.

    Args:
        configs: Two or more.
        names: What each of them is called.
        subject: Who differs.
        ignored: Options that are left out.
    """
    rows = comparison.differences(configs)
    differing: list[str] = []
    partial: dict[tuple[str, ...], list[str]] = {}
    for option, row in rows.items():
        values = [value for value in row if value is not None]
        if option in ignored:
            continue
        if len(set(values)) > 1:
            differing.append(_short(option))
        else:
            owners = (name for name, value in zip(names, row, strict=True) if value is not None)
            partial.setdefault(tuple(owners), []).append(_short(option))
    sentences = [f"{subject} differ in {', '.join(differing)}."] if differing else []
    sentences += [_theirs(owners, options) for owners, options in partial.items()]
    return " ".join(sentences)


def _theirs(owners: Sequence[str], options: Sequence[str]) -> str:
    """That only these runs have the options."""
    who = " and ".join(map(literal, owners))
    have = "has" if len(owners) == 1 else "have"
    which = "this option" if len(options) == 1 else "these options"
    return f"Only {who} {have} {which}: {', '.join(options)}."


def _short(option: str) -> str:
    """An option's label without what follows a comma or stands between brackets."""
    label = option_label(option)
    return literal(label.partition(",")[0].partition(" (")[0].lower())
