"""What at least two pages use."""
