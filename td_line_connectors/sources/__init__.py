"""Where calls come in, and where they go."""
