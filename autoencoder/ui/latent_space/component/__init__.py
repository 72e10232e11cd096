"""The live part of the Latent space page: linked maps to look at and to select on."""
