"""What a student should know who looks at the Latent space page."""

EXPLANATION = """
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
