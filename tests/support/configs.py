"""Small configs that train in a moment."""

from dataclasses import replace

from autoencoder.config.run_config import RunConfig

# Its learning rate makes four steps enough for images that differ.
TINY = RunConfig(
    dataset="digits",
    epochs=2,
    train_size=64,
    batch_size=32,
    channels=(4, 8),
    hidden=(16,),
    learning_rate=0.1,
)
DEEP = RunConfig(
    dataset="digits",
    epochs=2,
    train_size=64,
    batch_size=32,
    network="mlp",
    hidden=(16,),
    latent_dim=5,
    objective="variational",
)
LONG = replace(TINY, epochs=10_000)  # longer than any test waits
SOME = replace(TINY, epochs=200)  # long enough to be caught in the middle
