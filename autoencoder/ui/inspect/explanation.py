"""What a student should know who looks at the Inspect page."""

EXPLANATION = """
Each unit of the first layer looks at the image through its own weights, its **kernel**: where they
are orange a bright pixel excites it, where they are blue it calms it. **Activations** are what a
unit answers to an image; for a convolution that is a picture again, a **feature map**. A unit that
answers nothing, or the same to every image, is **dead**: its weights are wasted. A layer is
**sparse** where few units answer at a time, as ReLU allows and sigmoid does not. Switching a unit
**off** shows what the network had in it. A **denoiser** was trained to return clean images from
noisy ones: far from the noise it saw it is no better than others, and with no noise at all it often
is worse.
"""
FORMULA = (
    r"\text{roughness} = \frac{\mathrm{mean}_{i \sim j}\,(w_i - w_j)^2}{\mathrm{mean}_i\,"
    r" w_i^2}, \qquad "
    r"\text{Hoyer}(a) = \frac{\sqrt{n} - \|a\|_1 / \|a\|_2}{\sqrt{n} - 1}"
)
