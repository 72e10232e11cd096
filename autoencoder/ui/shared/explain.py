""" "What am I looking at?": a few sentences for a student, at the foot of every page."""

import streamlit as st

from autoencoder.config.objectives import OBJECTIVES

TEXTS = {
    "home": (
        """
An **autoencoder** is a network that squeezes an image through a narrow middle, the **bottleneck**,
and must rebuild it from what got through. The few numbers in the middle are the image's **latent
vector**. Each card is one training, a **run**: above, test images the network has never seen;
below, what came back. **MSE** is the mean squared error per pixel, with pixels between 0 and 1;
lower is better. Beside it stands principal component analysis (PCA) with as many numbers per image,
the best any linear method can do.
"""
    ),
    "train": (
        """
The network sees the training images again and again; one pass is an **epoch**. After each, its
error is measured on test images it never learns from: while both curves fall together it learns
something general, and where the test curve turns up it begins to memorise. A smaller bottleneck
keeps less. Objectives differ in what they ask of an autoencoder: """
        + "; ".join(f"a **{spec.title}** one {spec.help}" for spec in OBJECTIVES.values())
        + ". The loss of a variational one:"
    ),
    "reconstruct": (
        """
Each test image is encoded into the latent and decoded again; the network never saw it in
training. What comes back sharp is what the latent can express; what comes back blurred or as
another class was lost in the bottleneck. PCA at the same size is the fair comparison: it, too,
keeps that many numbers per image. An **error map** shows how far off each pixel is. **SSIM**
compares local structure instead of single pixels (1 is identical), **PSNR** is the error on a
decibel scale (higher is better), **SSE** sums the squared error over an image's pixels, **BCE**
reads outputs as probabilities. Your own image is first made to look like the data set's, for a
network knows nothing else: what it has never seen comes back as the nearest thing it can say.
"""
    ),
    "latent_space": (
        """
Every point is one test image, placed by its latent and coloured by its class. The network was
never told the classes: where colours gather, images of a class got similar latents by their looks
alone. With more than two numbers per latent a flat map has to choose: **PCA** turns the space to
show its widest spread; **UMAP** and **t-SNE** keep near neighbours near but bend everything else,
so that distances between far groups and the sizes of groups mean little there. **Trustworthiness**
says how many neighbours on the map are neighbours in the space, **continuity** how many of the
space's are on the map (1 is all). **Beside pixels** lays the same images out by their pixels, in
the same way: what the network has untangled lies apart on the left and mixed on the right. What you
select on one map stands out on the other.
"""
    ),
    "decode": (
        """
The decoder alone: it turns any latent into an image, not only latents of real images. The map shows
where test images are encoded; drag the ring, and your browser decodes the place under it. Each
slider is one number of the latent, the most telling dimension first, and the hill on it is where
test images lie; the film below shows what its values would decode to. Between and beyond real
latents the decoder has to improvise: the nearest test image, and the distance to the nearest test
latent, tell how far out you are. **Does not come back** marks places whose image is encoded
somewhere else: latents no image uses. **Manifold** decodes a whole grid of the latent plane,
**Samples** draws new latents.
"""
    ),
    "interpolate": (
        """
Both ways go from A to B in equal steps. On the **latent path** the step is taken between the
images' latents, and each point is decoded; in the **pixel blend** it is taken between the images
themselves, which is a cross-fade: two ghosts. If the latent space is orderly, its path passes
through images that could be real. The number under each frame tests that: its distance to the
nearest test image. Mind that it favours the blend near A and B, where the blend is almost a test
image, and that every blur of the network counts against the path. A **linear** path is straight; a
**spherical** one turns about the origin, as suits the latents of a variational run: in many
dimensions they lie in a shell, and the straight way leads through its empty inside.
"""
    ),
    "inspect": (
        """
Each unit of the first layer looks at the image through its own weights, its **kernel**: where they
are orange a bright pixel excites it, where they are blue it calms it. **Activations** are what a
unit answers to an image; for a convolution that is a picture again, a **feature map**. A unit that
answers nothing, or the same to every image, is **dead**: its weights are wasted. A layer is
**sparse** where few units answer at a time, as ReLU allows and sigmoid does not. Switching a unit
**off** shows what the network had in it. A **denoiser** was trained to return clean images from
noisy ones: far from the noise it saw it is no better than others, and with no noise at all it often
is worse.
"""
    ),
    "compare": (
        """
Two runs may be compared where both saw the same test images. A smaller **bottleneck** keeps less:
the curve of error against its size d falls steeply, then levels off, and the bend between, the
**knee**, is where more numbers per image stop paying. Every training starts from random weights and
shuffles its images, as its **seed** says: another seed gives another result. Hence a difference
between two configs means something only where it is larger than what seeds alone make. A **linear**
autoencoder without activations can do no better than PCA; trained to its end it spans the same
subspace, although its axes may lie in it any way. **Principal angles** measure how far two
subspaces are turned against each other: 0° is the same.
"""
    ),
    "labs": (
        """
Textbooks make claims about autoencoders: that a linear one finds PCA's subspace, that latent paths
look better than cross-fades, that noise makes smoother kernels. A **lab** trains what it takes and
measures each claim here, on this data. **Holds here** and **does not hold here** mean that the
difference is larger than the **spread**, which is what another seed changes by itself; **cannot be
said** means that it is not. Nothing is corrected by hand: a claim that fails may be wrong, or may
want more epochs, larger images or more seeds than this lab has. Two seeds, as in a quick lab, can
only show large differences.
"""
    ),
}
FORMULAS = {
    "inspect": (
        r"\text{roughness} = \frac{\mathrm{mean}_{i \sim j}\,(w_i - w_j)^2}{\mathrm{mean}_i\,"
        r" w_i^2}, \qquad "
        r"\text{Hoyer}(a) = \frac{\sqrt{n} - \|a\|_1 / \|a\|_2}{\sqrt{n} - 1}"
    ),
    "compare": (
        r"\text{knee} = \arg\max_d \; 1 - x_d - y_d, \qquad "
        r"x_d = \frac{\log d - \log d_{\min}}{\log d_{\max} - \log d_{\min}}, \quad "
        r"y_d = \frac{\log e_d - \log e_{\mathrm{last}}}{\log e_{\mathrm{first}} - \log"
        r" e_{\mathrm{last}}}"
    ),
    "train": (
        r"\text{loss} = \underbrace{-\,\mathbb{E}_{q(z|x)}\log p(x|z)}_{\text{reconstruction}}"
        r" + \beta\,\underbrace{D_{\mathrm{KL}}\big(q(z|x)\,\|\,\mathcal{N}(0, I)\big)}_{\text{KL}}"
    ),
    "home": (
        r"\hat{x} = \mathrm{decode}(\mathrm{encode}(x)), \qquad \mathrm{MSE} = \tfrac{1}{P}\,\|x -"
        r" \hat{x}\|^2"
    ),
    "interpolate": (
        r"\begin{aligned} \text{linear:}\quad z_t &= (1 - t)\,z_A + t\,z_B \\"
        r" \text{spherical:}\quad \hat{z}_t &= "
        r"\frac{\sin((1 - t)\,\omega)}{\sin\omega}\,\hat{z}_A +"
        r" \frac{\sin(t\,\omega)}{\sin\omega}\,\hat{z}_B, \quad "
        r"\|z_t\| = (1 - t)\,\|z_A\| + t\,\|z_B\| \end{aligned}"
    ),
}


def explain(page: str) -> None:
    """The text of `page`, folded away."""
    with st.expander("What am I looking at?", icon=":material/help:"):
        st.markdown(TEXTS[page])
        if page in FORMULAS:
            st.latex(FORMULAS[page])
