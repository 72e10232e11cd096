"""Speed and quality, measured: one command each, medians and spreads, ratios within one run."""
