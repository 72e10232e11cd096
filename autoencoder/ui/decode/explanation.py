"""What a student should know who looks at the Decode page."""

EXPLANATION = """
The decoder alone: it turns any latent into an image, not only latents of real images. The map shows
where test images are encoded; drag the ring, and your browser decodes the place under it. Each
slider is one number of the latent, the most telling dimension first, and the hill on it is where
test images lie; the film below shows what its values would decode to. Between and beyond real
latents the decoder has to improvise: the nearest test image, and the distance to the nearest test
latent, tell how far out you are. **Does not come back** marks places whose image is encoded
somewhere else: latents no image uses. **Manifold** decodes a whole grid of the latent plane,
**Samples** draws new latents.
"""
