"""What a student should know who looks at the Reconstruct page."""

EXPLANATION = """
The encoder turns each test image into a latent vector, and the decoder reconstructs the image from
it. The network did not train on these images. Sharp parts of a reconstruction are parts that the
latent vector can describe. Blurred parts were lost in the bottleneck. Compare with PCA with the
same bottleneck: it also describes an image with the same number of values. An **error map** shows
the error of each pixel. **SSIM** compares local structure instead of single pixels (1 is
identical). **PSNR** is the error in decibels (higher is better). **SSE** is the squared error
summed over the pixels of an image. **BCE** reads the outputs as probabilities. The page first makes
your own image similar to the images of the data set, because the network knows only such images. If
your image is very different, the reconstruction looks like an image of the data set.
"""
