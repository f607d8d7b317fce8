"""The project folder and the connections that it names."""
