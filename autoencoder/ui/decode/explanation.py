"""What a student should know who looks at the Decode page."""

EXPLANATION = """
The decoder turns every latent vector into an image, also latent vectors that no real image has. The
map shows the latents of the test images. Drag the ring: your browser decodes the place under it.
Each slider is one latent value; the most informative dimension comes first. The hill on a slider
shows where the test images are, and the images below it show what its values decode to. Far from
the test images, the decoder has never learned what to draw. The page shows the nearest test image
and the distance to the nearest test latent, so you can see how far away you are. **Round-trip
distance** decodes a place, encodes the image, and shows how far the result is from the place. Where
it is large, no image has this latent. **Manifold** decodes a grid of the latent plane. **Samples**
draws new latents.
"""
