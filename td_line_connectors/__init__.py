"""Moves people and events between your tables and LINE."""

__version__ = "0.1.0"
