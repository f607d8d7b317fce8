"""What a run keeps on disk: its snapshot and journal, its rejects, and its place in the history."""
