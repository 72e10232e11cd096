"""What a student should know who looks at the Labs page."""

EXPLANATION = """
Textbooks make claims about autoencoders: that a linear one finds PCA's subspace, that latent paths
look better than cross-fades, that noise makes smoother kernels. A **lab** trains what it takes and
measures each claim here, on this data. **Holds here** and **does not hold here** mean that the
difference is larger than the **spread**, which is what another seed changes by itself; **cannot be
said** means that it is not. Nothing is corrected by hand: a claim that fails may be wrong, or may
want more epochs, larger images or more seeds than this lab has. Two seeds, as in a quick lab, can
only show large differences.
"""
