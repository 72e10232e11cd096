"""What a student should know who looks at the Interpolate page."""

EXPLANATION = """
Both paths go from A to B in equal steps. The **latent path** makes the steps between the latents of
the images and decodes each point. The **pixel blend** makes the steps between the pixels of the
images, so you see both images at the same time. The number under each frame is its **distance to
the data**: the MSE per pixel to the nearest test image. A, B and exact copies of them do not count.
Otherwise the pixel blend would have the distance 0 at both ends; its first number is now the
distance from A to another real image. Near its ends, every blend is almost a real image. So the
page compares the **middle half** of the paths, t from 1/4 to 3/4. For comparison it gives the
distance from a real image to its nearest neighbour. A blurred image is near to many images: a much
smaller distance means a blurred frame. A **linear** path is straight. A **spherical** path turns
around the origin. It suits the latents of a variational run: with a large bottleneck they lie in a
shell, and a straight path leads through its empty inside.
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
