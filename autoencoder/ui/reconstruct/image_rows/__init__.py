"""Test images above their reconstructions, to pick one from."""
