"""What a student should know who looks at the Compare page."""

EXPLANATION = """
You can compare two runs if they have the same test images. A smaller **bottleneck** keeps less
information. The curve of the error against the bottleneck d falls steeply and then levels off. The
bend between the two parts is the **knee**: above it, a larger bottleneck reduces the error only a
little. The objective "neighbour-preserving" asks for two things at once, and its **weight** says
how much neighbours count: with more weight the classes form clearer groups, and usually the
reconstructions become a little worse. Each training starts from random weights and shuffles its
images. Its **seed** determines both, so another seed gives another result. A difference between two
configs has a meaning only if it is larger than the differences between seeds. A **linear**
autoencoder has no activations. It cannot have a lower training error than PCA. With enough epochs
it finds the subspace of PCA, but its axes may have other directions in this subspace. **Principal
angles** measure the difference between two subspaces: they are all 0° if the subspaces are the
same.
"""
FORMULA = (
    r"\text{knee} = \arg\max_d \; 1 - x_d - y_d, \qquad "
    r"x_d = \frac{\log d - \log d_{\min}}{\log d_{\max} - \log d_{\min}}, \quad "
    r"y_d = \frac{\log e_d - \log e_{\mathrm{last}}}{\log e_{\mathrm{first}} - \log"
    r" e_{\mathrm{last}}}"
)
