"""What a student should know who looks at the Latent space page."""

EXPLANATION = """
Each point is one test image. Its place comes from its latent vector, and its colour shows its
class. The network did not get the classes: where one colour is together, images of a class have
similar latents only because they look similar. If the bottleneck is larger than 2, a 2-D map cannot
show everything. **PCA** shows the two directions with the largest variance. **UMAP** and **t-SNE**
keep near neighbours near. They change all larger distances, so the distances between groups and the
sizes of groups mean little. **Trustworthiness** measures how many neighbours on the map are
neighbours in the latent space. **Continuity** measures how many neighbours in the latent space are
neighbours on the map. 1 is best for both. **Watch it form** shows how UMAP moves the points from
their start to their last place: first all points move fast, then neighbours come together. Its loss
is high where neighbours are far from each other or other points are near. **Beside pixels** adds a
second map, made from the pixels in the same way. Classes that are apart on the left and mixed on
the right were separated by the network. Images that you select on one map are also marked on the
other.
"""
