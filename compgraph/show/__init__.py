"""The graph made visible: `describe` has the facts of each node, `draw` the picture."""
