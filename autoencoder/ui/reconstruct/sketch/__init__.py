"""The sheet to draw an image on."""
