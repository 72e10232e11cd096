"""A lab's report, made up."""

from autoencoder.labs.claims import Claim
from autoencoder.labs.pictures import Picture
from autoencoder.labs.report import Report, Used

REPORT = Report(
    "E1",
    "A title",
    "A question?",
    "digits",
    True,
    64,
    32,
    [0, 1],
    3.5,
    [Used("2 numbers", "digits-conv-d2-19e3c465", 0, 2, 1.25)],
    [Claim("It is so.", None, "Nobody knows.", {"some": [0.5, 0.25], "one": 1.0, "none": None})],
    [
        Picture("curve.json", "A curve", "What it shows.", b"{}"),
        Picture("wall.png", "A wall", "Images.", b"PNG"),
    ],
)
