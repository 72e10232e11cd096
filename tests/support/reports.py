"""A lab's report, made up."""

from autoencoder.labs.claims import Claim
from autoencoder.labs.pictures import Picture
from autoencoder.labs.report import Part, Report, Used

REPORT = Report(
    *("E1", "A title", "A question?", "digits", True, 64, 32, [0, 1], 3.5),
    *("2026-01-02T03:04:05+00:00", "x86_64, 2 cores"),
    [Used("bottleneck 2", "digits-conv-d2-19e3c465", 0, "bce", 2, 1.25, 3, 100, 0.01)],
    [
        Part(
            "A question of its own",
            [
                Claim(
                    "It is so.",
                    None,
                    "Nobody knows.",
                    {"some": [0.5, 0.25], "one": 1.0, "none": None},
                    0.015,
                )
            ],
            [
                [
                    Picture("curve.json", "A curve", "What it shows.", b"{}"),
                    Picture("wall.png", "A wall", "Images.", b"PNG"),
                ]
            ],
        )
    ],
)
