"""What a student should know who looks at the Inspect page."""

EXPLANATION = """
Each unit of the first layer has its own weights for the pixels, its **kernel**. In the orange
parts, a bright pixel makes the output of the unit larger; in the blue parts, smaller.
**Activations** are the outputs of the units for an image. In a convolution, each unit has a
**feature map** instead of one output. A unit is **dead** if its output is 0 or the same for every
image: it carries no information. A layer is **sparse** if only a few units are active at the same
time. ReLU makes this possible; sigmoid does not. Switch a unit **off** to see what the network used
it for. A **denoiser** was trained to make clean images from noisy images. It removes the kind of
noise that it was trained with. For very different noise it is no better than other networks, and
without noise it is often worse.
"""
FORMULA = (
    r"\text{roughness} = \frac{\mathrm{mean}_{i \sim j}\,(w_i - w_j)^2}{\mathrm{mean}_i\,"
    r" w_i^2}, \qquad "
    r"\text{Hoyer}(a) = \frac{\sqrt{n} - \|a\|_1 / \|a\|_2}{\sqrt{n} - 1}"
)
