"""Members and segments into Crescendo Lab's MAAC."""
