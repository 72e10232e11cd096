"""What a run is: its options and presets, the data sets by name, and where everything is kept."""
