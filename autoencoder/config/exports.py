"""The files that a run can be taken away as."""

from dataclasses import dataclass

from autoencoder.config.options import Choice

HOW_TO_INSTALL = "pip install -r requirements-exports.txt"


@dataclass(frozen=True, kw_only=True)
class ExportFormat(Choice):
    """One kind of file.

    Attributes:
        ending: Of the file's name, after the run's key. A format of several files is a folder on
            the command line, unless the name asked for ends in .zip, and a zip file on pages.
        is_folder: Whether it is one of several files.
        packages: What has to be installed to make it, by the names that Python imports.
    """

    ending: str
    is_folder: bool = True
    packages: tuple[str, ...] = ()


EXPORTS: dict[str, ExportFormat] = {
    "html": ExportFormat(
        title="One HTML file",
        help="map, decoder, interpolation, reconstructions and training in one page that needs no"
        " server and no network",
        ending=".html",
        is_folder=False,
    ),
    "onnx": ExportFormat(
        title="ONNX",
        help="encoder, decoder and both, for ONNX Runtime and most other runtimes of networks",
        ending="-onnx.zip",
        packages=("onnx", "onnxscript"),
    ),
    "huggingface": ExportFormat(
        title="Hugging Face",
        help="a model folder with a card and pictures, which runs on torch and safetensors alone",
        ending="-huggingface.zip",
    ),
    "tensorboard": ExportFormat(
        title="TensorBoard projector",
        help="latents, classes and images, to be looked at in TensorBoard",
        ending="-tensorboard.zip",
    ),
    "tables": ExportFormat(
        title="Tables",
        help="latents, errors, neighbours, maps and the history, as CSV and as .npz",
        ending="-tables.zip",
    ),
    "figures": ExportFormat(
        title="Figures",
        help="curves, maps and errors as pages that open without a network, and save PNG and SVG",
        ending="-figures.zip",
    ),
    "zip": ExportFormat(
        title="The whole run",
        help="an archive that another Latent Lab can import",
        ending=".zip",
        is_folder=False,
    ),
}
