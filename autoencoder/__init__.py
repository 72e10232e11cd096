"""Latent Lab's backend: data sets, autoencoders, training, run folders and the figures made of
them.

Modules are layered; each imports only from the layers above its own (tests/test_layering.py holds
the table).
"""
