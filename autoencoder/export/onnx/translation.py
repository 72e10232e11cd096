"""A network as ONNX models, by torch's own translation. It needs no network connection.

Shapes: N = images, any number of them; C = channels, H, W = height and width, D = latent_dim.

| model | from | to |
|---|---|---|
| encoder | images (N, C, H, W) | latents (N, D), and log_variances (N, D) if variational |
| decoder | latents (N, D) | reconstructions (N, C, H, W) |
| autoencoder | images (N, C, H, W) | reconstructions (N, C, H, W) |

All numbers are float32, pixels lie in [0, 1]. Latents of a variational network are the means of
the posterior.
"""

from collections.abc import Mapping

import torch
from onnx import ModelProto, checker, helper
from onnx.utils import Extractor
from torch import Tensor, nn

from autoencoder.config.datasets import ImageShape
from autoencoder.networks.modules import Autoencoder

IMAGES, LATENTS, LOG_VARIANCES = "images", "latents", "log_variances"
RECONSTRUCTIONS = "reconstructions"
OPSET = 20  # the version of ONNX's operators
EXAMPLES = 2  # images that torch follows through the network; of one it would take N to be 1


class _Stages(nn.Module):
    """The network with latents among its outputs, so that the translation can be cut there."""

    def __init__(self, network: Autoencoder) -> None:
        super().__init__()
        self.network = network

    def forward(self, images: Tensor) -> tuple[Tensor, ...]:
        """Images -> latents, their log variances if variational, reconstructions."""
        encoded = (
            self.network.posterior(images)
            if self.network.is_variational
            else (self.network.encode(images),)
        )
        return (*encoded, self.network.decode(encoded[0]))


def translated(network: Autoencoder, shape: ImageShape) -> dict[str, ModelProto]:
    """The models of the table above by name, of a trained network for images of `shape`."""
    encoded = [LATENTS, LOG_VARIANCES] if network.is_variational else [LATENTS]
    program = torch.onnx.export(
        _Stages(network).eval(),
        (torch.zeros(EXAMPLES, *shape),),
        input_names=[IMAGES],
        output_names=[*encoded, RECONSTRUCTIONS],
        dynamic_shapes={IMAGES: {0: torch.export.Dim("N")}},
        opset_version=OPSET,
        dynamo=True,
        verbose=False,
    )
    assert program is not None  # since it is given no file
    whole = Extractor(_without_notes(program.model_proto))
    return {
        "encoder": whole.extract_model([IMAGES], encoded),
        "decoder": whole.extract_model([LATENTS], [RECONSTRUCTIONS]),
        "autoencoder": whole.extract_model([IMAGES], [RECONSTRUCTIONS]),
    }


def described(model: ModelProto, about: str, facts: Mapping[str, str]) -> ModelProto:
    """The same model, checked, with a description and with facts in its metadata."""
    model.producer_name, model.doc_string = "Latent Lab", about
    helper.set_model_props(model, {"about": about, **facts})
    checker.check_model(model, full_check=True)
    return model


def _without_notes(model: ModelProto) -> ModelProto:
    """The model without what torch noted of its own code: folders of this machine among it."""
    graph = model.graph
    for part in (*graph.node, *graph.value_info, *graph.input, *graph.output, *graph.initializer):
        part.ClearField("metadata_props")
        part.ClearField("doc_string")
    graph.ClearField("metadata_props")
    return model
