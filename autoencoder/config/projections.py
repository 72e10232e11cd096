"""The ways to show points of any dimension in two or three: what each is called, what it is told,
and the settings of one projection.

The functions of these names are in `analysis/projections/methods.py`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from autoencoder.errors import ProjectionError

SPACES = {"latents": "latents", "pixels": "pixels"}  # name -> what is projected, in words
FEWEST_POINTS = 5  # below which UMAP and t-SNE have nothing to say
MOST_POINTS = 10_000  # of any projection: a run keeps no more test images
USUAL_POINTS = 5_000  # unless the settings say otherwise
MOST_SEED = 2**31 - 1
STEPS = "steps"  # in names, where a projection's steps are kept


@dataclass(frozen=True)
class Parameter:
    """A number that a method takes beside the points, as its slider shows it.

    Attributes:
        label: Over the slider, and in small letters in captions.
        help: What a small and a large value do.
        key: Ends the slider's name in the address: "umap_neighbours".
        default: Of the slider; its range is that of the field of `ProjectionSettings`.
    """

    label: str
    help: str
    key: str
    default: float


@dataclass(frozen=True)
class ProjectionMethod:
    """A way to project points.

    Attributes:
        title: In menus and captions.
        parameters: Field of `ProjectionSettings` -> how this method shows it; a field that is not
            here has no effect.
        is_exact: A plane of the space itself, there at once and the same every time: each of its
            places stands for one point of the space. Otherwise a job computes the projection.
        about: How it was made, with "{space}" for what was projected; empty where the title and
            the parameters say so.
        subject: What has no parameters, at the start of a sentence; the title if empty.
        fewest, most: Dimensions of the latents for which it is offered; `most` is 0 for any.
        for_pixels: The method that shows the pixels beside it; itself if empty.
        before_libraries: Follows the title of a map whose file names no library, since an earlier
            version made it.
        places_new: Whether a new point belongs about where its nearest point is.
        step_by_step: What it is called where it can be watched while it forms; empty where not.
    """

    title: str
    parameters: Mapping[str, Parameter] = field(default_factory=dict)
    is_exact: bool = False
    about: str = ""
    subject: str = ""
    fewest: int = 1
    most: int = 0
    for_pixels: str = ""
    before_libraries: str = ""
    places_new: bool = False
    step_by_step: str = ""

    @property
    def axes_have_meaning(self) -> bool:
        """Whether the axes are worth a name; those of other methods may be turned at will."""
        return self.is_exact

    def takes(self, latent_dim: int) -> bool:
        """Whether it is offered for latents of that many dimensions."""
        return self.fewest <= latent_dim <= (self.most or latent_dim)


PROJECTIONS: dict[str, ProjectionMethod] = {  # in the order of menus: the first is the usual one
    "latents": ProjectionMethod(
        "Latents",
        is_exact=True,
        about="the axes are the latent values",
        subject="The map of latents",
        most=2,
        for_pixels="pca",
    ),
    "pca": ProjectionMethod("PCA", is_exact=True, about="PCA of the {space}", fewest=2),
    "umap": ProjectionMethod(
        "UMAP",
        {
            "neighbours": Parameter(
                "Neighbours",
                "Few: the map shows details, but groups may break apart. Many: the map shows"
                " the overall shape, but fewer details.",
                key="neighbours",
                default=15,
            ),
            "min_dist": Parameter(
                "Minimum distance",
                "The smallest distance between points on the map.",
                key="distance",
                default=0.1,
            ),
        },
        before_libraries=" (own implementation)",
        places_new=True,
        step_by_step="UMAP, step by step (our own implementation, same algorithm)",
    ),
    "tsne": ProjectionMethod(
        "t-SNE",
        {
            "neighbours": Parameter(
                "Perplexity",
                "The approximate number of neighbours that each point has.",
                key="perplexity",
                default=30,
            )
        },
    ),
}
JOBS = tuple(name for name, method in PROJECTIONS.items() if not method.is_exact)


def _option(default: Any, help: str, **rule: Any) -> Any:
    """A field with the help of its flag and its rule: choices, or low and high (and the step of a
    slider).
    """
    return field(default=default, metadata={"help": help, **rule})


@dataclass(frozen=True)
class ProjectionSettings:
    """How test images are projected. The name carries every setting, so that it names the file of
    the result.

    Attributes:
        method: One of PROJECTIONS.
        neighbours: UMAP's n_neighbors or t-SNE's perplexity, 2 to 200; clamped to what the points
            allow when computed.
        dimensions: 2 or 3.
        seed: 0 to 2**31 - 1.
        min_dist: How near to each other UMAP may put points, 0 to 1 in hundredths.
        points: How many of the first test images, 5 to 10,000; clamped to what there is when
            computed.
        space: "latents", or "pixels": the test images as they are. Those of more than 50 pixels are
            reduced to their 50 first principal components before UMAP and t-SNE.

    Raises:
        ProjectionError: A setting is out of range, or the method does not take it.
    """

    method: str
    neighbours: int = _option(
        15, "UMAP's neighbours, t-SNE's perplexity, 2 to 200 (default {})", low=2, high=200, step=1
    )
    dimensions: int = _option(2, "of the map (default {})", choices=(2, 3))
    seed: int = _option(0, "of the layout (default {})", low=0, high=MOST_SEED)
    min_dist: float = _option(
        0.1,
        "smallest distance between points on UMAP's map, 0 to 1 in hundredths (default {})",
        low=0,
        high=1,
        step=0.01,
    )
    points: int = _option(
        USUAL_POINTS,
        f"how many of the first test images, {FEWEST_POINTS} to {MOST_POINTS:,} (default {{:,}})",
        low=FEWEST_POINTS,
        high=MOST_POINTS,
    )
    space: str = _option(
        "latents",
        "what is projected: the latents of the run, or the pixels of the images (default {})",
        choices=tuple(SPACES),
    )

    def __post_init__(self) -> None:
        if self.method not in PROJECTIONS:
            raise ProjectionError(
                f"method must be {_alternatives(PROJECTIONS)}; got {str(self.method)[:40]}"
            )
        for option in fields(self)[1:]:
            _check(option.name, getattr(self, option.name), option.default, option.metadata)
        for name in SPECIAL - set(self.spec.parameters):
            self._require_default(name)

    def _require_default(self, name: str) -> None:
        value, default = getattr(self, name), DEFAULTS[name]
        if value != default:
            owners = [key for key, method in PROJECTIONS.items() if name in method.parameters]
            raise ProjectionError(
                f"{name} is for {' and '.join(owners)} alone; got {value} for {self.method}"
            )

    @classmethod
    def usual(
        cls, method: str, dimensions: int = 2, space: str = "latents"
    ) -> "ProjectionSettings":
        """A method with the defaults of its sliders."""
        parameters = PROJECTIONS[method].parameters.items()
        values: dict[str, Any] = {name: parameter.default for name, parameter in parameters}
        return cls(method, dimensions=dimensions, space=space, **values)

    @property
    def spec(self) -> ProjectionMethod:
        """What is known of the method."""
        return PROJECTIONS[self.method]

    @property
    def is_usual(self) -> bool:
        """Whether all but the space and the number of dimensions are the method's defaults."""
        return self == self.usual(self.method, self.dimensions, self.space)

    @property
    def name(self) -> str:
        """For example "projection-umap-n15-d2-s0", or "projection-umap-n15-d2-s0-m25-p1000-pixels":
        the last three are left out where they are the defaults.
        """
        near = "" if self.min_dist == DEFAULTS["min_dist"] else f"-m{round(self.min_dist * 100)}"
        count = "" if self.points == USUAL_POINTS else f"-p{self.points}"
        space = "" if self.space == "latents" else f"-{self.space}"
        start = f"projection-{self.method}-n{self.neighbours}-d{self.dimensions}-s{self.seed}"
        return f"{start}{near}{count}{space}"

    @classmethod
    def parse(cls, name: str) -> "ProjectionSettings":
        """The inverse of `name`, for methods that a job computes.

        Raises ProjectionError for whatever is no name, and for a second name of one.
        """
        pattern = (
            r"projection-([a-z]+)-n(\d{1,3})-d(\d)-s(\d{1,10})"
            r"(?:-m(\d{1,3}))?(?:-p(\d{1,5}))?(?:-([a-z]+))?"
        )
        parsed = None
        if (match := re.fullmatch(pattern, name)) and match[1] in JOBS:
            neighbours, dimensions, seed = (int(number) for number in match.group(2, 3, 4))
            min_dist = DEFAULTS["min_dist"] if match[5] is None else int(match[5]) / 100
            points, space = int(match[6] or USUAL_POINTS), match[7] or "latents"
            parsed = cls(match[1], neighbours, dimensions, seed, min_dist, points, space)
        if parsed is None or parsed.name != name:
            raise ProjectionError(f"not a projection's name: {name[:60]}")
        return parsed

    @property
    def steps_name(self) -> str:
        """Of the file with the steps of the method, and of its task: "steps-umap-n15-d2-s0"."""
        return self.name.replace("projection", STEPS, 1)

    @classmethod
    def parse_steps(cls, name: str) -> "ProjectionSettings":
        """The inverse of `steps_name`, for methods that can be watched, in two dimensions.

        Raises ProjectionError for any other name.
        """
        settings = cls.parse(name.replace(STEPS, "projection", 1))
        if settings.steps_name != name or not settings.has_steps:
            raise ProjectionError(f"not the name of a projection's steps: {name[:60]}")
        return settings

    @property
    def has_steps(self) -> bool:
        """Whether it can be watched while it forms."""
        return bool(self.spec.step_by_step) and self.dimensions == 2

    def in_words(self, *, every: bool = False) -> str:
        """The parameters and the seed, such as "neighbours 15, seed 0"; those after the first only
        where they are unusual, unless `every` one is wanted.
        """
        values = []
        for place, (name, parameter) in enumerate(self.spec.parameters.items()):
            value = getattr(self, name)
            if place == 0 or every or value != parameter.default:
                values.append(f"{parameter.label.lower()} {value:g}")
        return ", ".join([*values, f"seed {self.seed}"])


DEFAULTS: dict[str, Any] = {each.name: each.default for each in fields(ProjectionSettings)}
SPECIAL = {name for method in PROJECTIONS.values() for name in method.parameters}


def _check(name: str, value: Any, default: Any, rule: Mapping[str, Any]) -> None:
    """Raise ProjectionError unless a setting has its default's type and obeys its rule."""
    got = f"got {str(value)[:40]}"
    if isinstance(default, int) and type(value) is not int:
        raise ProjectionError(f"{name} must be a whole number; {got}")
    if "choices" in rule:
        if value not in rule["choices"]:
            words = _alternatives(dict.fromkeys(rule["choices"], 0))
            raise ProjectionError(f"{name} must be {words}; {got}")
    elif isinstance(default, float):
        number = type(value) in (int, float) and rule["low"] <= value <= rule["high"]
        if not number or round(value, 2) != value:
            raise ProjectionError(
                f"{name} must be from {rule['low']} to {rule['high']} in hundredths; {got}"
            )
    elif not rule["low"] <= value <= rule["high"]:
        high = f"{rule['high']:,}" if name == "points" else rule["high"]
        raise ProjectionError(f"{name} must be from {rule['low']} to {high}; {got}")


def _alternatives(names: Mapping[Any, Any]) -> str:
    """ "a, b or c"."""
    *first, last = map(str, names)
    return f"{', '.join(first)} or {last}" if first else last
