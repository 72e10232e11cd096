"""The live part of "Watch it form": a map that moves, its loss, and a scrubber over its steps."""
