"""The graph made visible: a node's facts (`describe`), the picture (`draw`), and its `words`."""
