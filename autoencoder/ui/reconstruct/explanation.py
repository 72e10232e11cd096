"""What a student should know who looks at the Reconstruct page."""

EXPLANATION = """
Each test image is encoded into the latent and decoded again; the network never saw it in
training. What comes back sharp is what the latent can express; what comes back blurred or as
another class was lost in the bottleneck. PCA at the same size is the fair comparison: it, too,
keeps that many numbers per image. An **error map** shows how far off each pixel is. **SSIM**
compares local structure instead of single pixels (1 is identical), **PSNR** is the error on a
decibel scale (higher is better), **SSE** sums the squared error over an image's pixels, **BCE**
reads outputs as probabilities. Your own image is first made to look like the data set's, for a
network knows nothing else: what it has never seen comes back as the nearest thing it can say.
"""
