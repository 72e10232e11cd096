"""The place of something that is drawn once it comes into view."""
