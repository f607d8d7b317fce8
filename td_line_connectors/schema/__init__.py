"""Parameters and columns, declared once as data."""
