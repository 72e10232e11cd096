"""The live part of the Interpolate page."""
