"""The live part of the Train page: loss, map and images, epoch by epoch."""
