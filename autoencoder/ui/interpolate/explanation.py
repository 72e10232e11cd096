"""What a student should know who looks at the Interpolate page."""

EXPLANATION = """
Both ways go from A to B in equal steps. On the **latent path** the step is taken between the
images' latents, and each point is decoded; in the **pixel blend** it is taken between the images
themselves, which is a cross-fade: two ghosts. The number under each frame is its **distance to the
data**: the MSE per pixel to the nearest test image. A, B and exact copies of them do not count, or
the blend would have distance 0 at both ends for nothing: its first number is how far the real
image A is from another real image. Near its ends a blend is almost a real image whatever lies
between them, so the sentence compares the **middle half** of the way, t from 1/4 to 3/4; its
yardstick is how far real images are from their own nearest neighbour. A blurred image is near to
many others: a distance well below the yardstick means blur, not an image that is more than real. A
**linear** path is straight; a **spherical** one turns about the origin, as suits the latents of a
variational run: in many dimensions they lie in a shell, and the straight way leads through its
empty inside.
"""
FORMULA = (
    r"\begin{aligned} \text{linear:}\quad z_t &= (1 - t)\,z_A + t\,z_B \\"
    r" \text{spherical:}\quad \hat{z}_t &= "
    r"\frac{\sin((1 - t)\,\omega)}{\sin\omega}\,\hat{z}_A +"
    r" \frac{\sin(t\,\omega)}{\sin\omega}\,\hat{z}_B, \quad "
    r"\|z_t\| = (1 - t)\,\|z_A\| + t\,\|z_B\| \\"
    r" \text{distance to the data:}\quad d(x) &= "
    r"\min_{y \,\in\, \text{test} \,\setminus\, \{A, B\}}"
    r" \tfrac{1}{P}\,\|x - y\|^2, \quad P \text{ pixels} \end{aligned}"
)
