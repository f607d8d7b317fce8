"""From text to nodes: YAML, `${…}` and secrets."""
