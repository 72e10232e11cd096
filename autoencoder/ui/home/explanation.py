"""What a student should know who looks at the Runs page."""

EXPLANATION = """
An **autoencoder** is a network that squeezes an image through a narrow middle, the **bottleneck**,
and must rebuild it from what got through. The few numbers in the middle are the image's **latent
vector**. Each card is one training, a **run**: above, test images the network has never seen;
below, what came back. **MSE** is the mean squared error per pixel, with pixels between 0 and 1;
lower is better. Beside it stands principal component analysis (PCA) with as many numbers per image,
the best any linear method can do. Runs that belong to one lab, one sweep, or one series of seeds
are folded into one card, which opens; a run with a title or a pin always has a card of its own.
"""
FORMULA = (
    r"\hat{x} = \mathrm{decode}(\mathrm{encode}(x)), \qquad \mathrm{MSE} = \tfrac{1}{P}\,\|x -"
    r" \hat{x}\|^2"
)
