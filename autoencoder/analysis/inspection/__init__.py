"""What the units of a trained network do, and what each of them is worth, arrays in and arrays out.

A stage is a layer that learns, with what follows it. A unit is one number of a dense stage, one
channel of a convolution. Images are (N, C, H, W), uint8 or floats in [0, 1]. Nothing here changes a
network, so that many may look at one at a time.
"""

from autoencoder.analysis.inspection.ablation import Switch, costs, error, reconstruct
from autoencoder.analysis.inspection.passes import activations, stages
from autoencoder.analysis.inspection.survey import (
    EPSILON,
    NEAR_ZERO,
    StageSurvey,
    dead_units,
    hoyer,
    survey,
)

__all__ = [
    "EPSILON",
    "NEAR_ZERO",
    "StageSurvey",
    "Switch",
    "activations",
    "costs",
    "dead_units",
    "error",
    "hoyer",
    "reconstruct",
    "stages",
    "survey",
]
