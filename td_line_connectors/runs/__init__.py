"""What a run keeps on disk: its snapshot and journal, and its rejects."""
