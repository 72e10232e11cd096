"""What a student should know who looks at the Compare page."""

EXPLANATION = """
Two runs may be compared where both saw the same test images. A smaller **bottleneck** keeps less:
the curve of error against its size d falls steeply, then levels off, and the bend between, the
**knee**, is where more numbers per image stop paying. Every training starts from random weights and
shuffles its images, as its **seed** says: another seed gives another result. Hence a difference
between two configs means something only where it is larger than what seeds alone make. A **linear**
autoencoder without activations can do no better than PCA; trained to its end it spans the same
subspace, although its axes may lie in it any way. **Principal angles** measure how far two
subspaces are turned against each other: 0° is the same.
"""
FORMULA = (
    r"\text{knee} = \arg\max_d \; 1 - x_d - y_d, \qquad "
    r"x_d = \frac{\log d - \log d_{\min}}{\log d_{\max} - \log d_{\min}}, \quad "
    r"y_d = \frac{\log e_d - \log e_{\mathrm{last}}}{\log e_{\mathrm{first}} - \log"
    r" e_{\mathrm{last}}}"
)
