"""Fitting a network: the loop, what is minimised, how the weights move, and how long it takes."""
