"""The live decoder: a map, sliders, and the decoded image that follows them."""
