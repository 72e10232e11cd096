"""What a student should know who looks at the Interpolate page."""

EXPLANATION = """
Both ways go from A to B in equal steps. On the **latent path** the step is taken between the
images' latents, and each point is decoded; in the **pixel blend** it is taken between the images
themselves, which is a cross-fade: two ghosts. If the latent space is orderly, its path passes
through images that could be real. The number under each frame tests that: its distance to the
nearest test image. Mind that it favours the blend near A and B, where the blend is almost a test
image, and that every blur of the network counts against the path. A **linear** path is straight; a
**spherical** one turns about the origin, as suits the latents of a variational run: in many
dimensions they lie in a shell, and the straight way leads through its empty inside.
"""
FORMULA = (
    r"\begin{aligned} \text{linear:}\quad z_t &= (1 - t)\,z_A + t\,z_B \\"
    r" \text{spherical:}\quad \hat{z}_t &= "
    r"\frac{\sin((1 - t)\,\omega)}{\sin\omega}\,\hat{z}_A +"
    r" \frac{\sin(t\,\omega)}{\sin\omega}\,\hat{z}_B, \quad "
    r"\|z_t\| = (1 - t)\,\|z_A\| + t\,\|z_B\| \end{aligned}"
)
