"""What a trained network learned, arrays in and arrays out: its kernels, what its units do, and
what each of them is worth.

A stage is a layer that learns, with what follows it. A unit is one number of a dense stage, one
channel of a convolution. Images are (N, C, H, W), uint8 or floats in [0, 1]. Nothing here changes a
network, so that many may look at one at a time.
"""

from autoencoder.analysis.inspection.ablation import Switch, costs, error, reconstruct
from autoencoder.analysis.inspection.kernels import Kernels, kernels, roughness
from autoencoder.analysis.inspection.stages import Stage, activations, stages
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
    "Kernels",
    "Stage",
    "StageSurvey",
    "Switch",
    "activations",
    "costs",
    "dead_units",
    "error",
    "hoyer",
    "kernels",
    "reconstruct",
    "roughness",
    "stages",
    "survey",
]
