"""The place where a visitor chooses a folder of images, which becomes one zip in the browser."""
