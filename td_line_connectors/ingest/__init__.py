"""From many calls at once to few durable commits."""
