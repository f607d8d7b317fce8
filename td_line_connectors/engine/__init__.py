"""The output engine: rows in, outcomes out. It knows no connector by name."""
