"""What a student should know who looks at the Train page."""

from autoencoder.config.objectives import OBJECTIVES

EXPLANATION = (
    """
The network sees the training images again and again; one pass is an **epoch**. After each, its
error is measured on test images it never learns from: while both curves fall together it learns
something general, and where the test curve turns up it begins to memorise. A smaller bottleneck
keeps less. Objectives differ in what they ask of an autoencoder: """
    + "; ".join(f"a **{spec.title}** one {spec.help}" for spec in OBJECTIVES.values())
    + ". The loss of a variational one:"
)
FORMULA = (
    r"\text{loss} = \underbrace{-\,\mathbb{E}_{q(z|x)}\log p(x|z)}_{\text{reconstruction}}"
    r" + \beta\,\underbrace{D_{\mathrm{KL}}\big(q(z|x)\,\|\,\mathcal{N}(0, I)\big)}_{\text{KL}}"
)
