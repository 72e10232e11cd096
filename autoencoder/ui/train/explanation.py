"""What a student should know who looks at the Train page."""

from autoencoder.config.objectives import OBJECTIVES

EXPLANATION = (
    """
In an **epoch**, the network sees each training image once. After each epoch, its error is measured
on test images; it does not learn from them. While both curves fall, the network learns something
general. Where the test curve rises, it begins to memorise the training images. A smaller bottleneck
keeps less information. The objectives give the network different tasks: """
    + "; ".join(f"a **{spec.title}** autoencoder {spec.help}" for spec in OBJECTIVES.values())
    + ". The loss of a variational autoencoder:"
)
FORMULA = (
    r"\text{loss} = \underbrace{-\,\mathbb{E}_{q(z|x)}\log p(x|z)}_{\text{reconstruction}}"
    r" + \beta\,\underbrace{D_{\mathrm{KL}}\big(q(z|x)\,\|\,\mathcal{N}(0, I)\big)}_{\text{KL}}"
)
