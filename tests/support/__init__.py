"""What several test files share, by what it is about."""
