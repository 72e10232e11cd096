"""What live components draw from, sent to the browser once."""
