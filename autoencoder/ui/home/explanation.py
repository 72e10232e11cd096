"""What a student should know who looks at the Runs page."""

EXPLANATION = """
An **autoencoder** is a network with two parts. The **encoder** turns an image into a few numbers,
the **latent vector**. The **decoder** makes an image from these numbers, the **reconstruction**.
The number of latent values is the size of the **bottleneck**. Each card is one training, a **run**.
It shows four test images above their reconstructions; the network did not train on test images.
**MSE** is the mean squared error per pixel, with pixels between 0 and 1; lower is better. The card
also shows the MSE of principal component analysis (PCA) with the same bottleneck: PCA keeps as many
components as the latent vector has values. No linear method can have a lower MSE on the training
images. Runs of one lab, one sweep or one series of seeds share one card, and you can open it. A run
with a title or a pin always has its own card.
"""
FORMULA = (
    r"\hat{x} = \mathrm{decode}(\mathrm{encode}(x)), \qquad \mathrm{MSE} = \tfrac{1}{P}\,\|x -"
    r" \hat{x}\|^2"
)
