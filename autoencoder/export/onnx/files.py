"""The folder: encoder.onnx, decoder.onnx, autoencoder.onnx, and a README.md that runs them."""

import json
from pathlib import Path
from string import Template

from autoencoder.networks.blueprint import BYTES, blueprint_of
from autoencoder.progress import ProgressCallback, ignore
from autoencoder.runs import Run

GRAPHS = 30_000  # bytes of three models, about, beside their weights
ABOUT = {
    "encoder": "images {images} -> latents {latents}{log_variances}",
    "decoder": "latents {latents} -> reconstructions {images}",
    "autoencoder": "images {images} -> reconstructions {images}",
}
MEANS = ", which are the means of the posterior, and log_variances {latents} of it"
README = Template("""# $key

An autoencoder of Latent Lab, trained on $dataset, in ONNX (opset $opset).

$table

N is any number. All numbers are float32. Pixels lie in [0, 1]. What is above, the run's name and
the names of the classes are in the metadata of each file.

With `pip install onnxruntime numpy`, in this folder:

```python
import numpy as np
from onnxruntime import InferenceSession

encoder, decoder = InferenceSession("encoder.onnx"), InferenceSession("decoder.onnx")
images = np.random.default_rng(0).random((5, $sizes), dtype=np.float32)  # yours: in [0, 1]
[latents] = encoder.run(["latents"], {"images": images})
[reconstructions] = decoder.run(["reconstructions"], {"latents": latents})
print(latents.shape, reconstructions.shape)
print(encoder.get_modelmeta().custom_metadata_map)
```
""")


def write_onnx(run: Run, folder: Path, notify: ProgressCallback = ignore) -> None:
    """Write the files of a run that has weights into an empty folder.

    Raises CorruptRunError and OSError.
    """
    notify("loading torch", 0.0)
    from autoencoder.export.onnx.translation import OPSET, described, translated
    from autoencoder.networks.inference import rebuild

    network = rebuild(run.config, run.weights())
    notify("translating the network", 0.3)
    models, facts = translated(network, run.config.shape), _facts(run)
    notify("writing", 0.9)
    for name, model in models.items():
        content = described(model, _about(run, name), facts).SerializeToString()
        (folder / f"{name}.onnx").write_bytes(content)
    text = README.substitute(
        key=run.key,
        dataset=run.config.dataset,
        opset=OPSET,
        table="\n".join(f"- `{name}.onnx`: {_about(run, name)}" for name in models),
        sizes=", ".join(map(str, run.config.shape)),
    )
    (folder / "README.md").write_text(text, encoding="utf-8")


def onnx_bytes(run: Run) -> int:
    """About how much that is: each weight is in two of the files."""
    return GRAPHS + 2 * BYTES * blueprint_of(run.config).parameters


def _about(run: Run, name: str) -> str:
    """What a model takes and gives, in one line."""
    latents = f"(N, {run.config.latent_dim})"
    images = f"(N, {', '.join(map(str, run.config.shape))})"
    means = MEANS.format(latents=latents) if run.config.is_variational else ""
    return ABOUT[name].format(images=images, latents=latents, log_variances=means)


def _facts(run: Run) -> dict[str, str]:
    """What the metadata say of the run; lists are JSON."""
    return {
        "run": run.key,
        "dataset": run.config.dataset,
        "class_names": json.dumps(list(run.class_names), ensure_ascii=False),
        "image_shape": json.dumps(run.config.shape),
        "latent_dim": str(run.config.latent_dim),
        "objective": run.config.objective,
        "pixels": "float32 in [0, 1]",
    }
