"""What a student should know who looks at the Labs page."""

EXPLANATION = """
Textbooks make claims about autoencoders: for example, that a linear autoencoder finds the subspace
of PCA, that latent paths look better than pixel blends, or that noise makes smoother kernels. A
**lab** trains the runs that it needs and measures each claim on this data set. **Holds here** and
**does not hold here** mean that the difference is larger than the **spread**, the differences
between seeds. **Cannot be said** means that the difference is smaller than the spread, or that a
training had not converged. Nobody corrects a verdict by hand. A claim that does not hold here may
be wrong, or it may need more epochs, larger images or more seeds than this lab has. A few seeds, as
in a quick lab, can only show large differences.
"""
