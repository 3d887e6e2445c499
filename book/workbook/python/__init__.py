"""What runs in the page's worker: `session` executes cells, `names` knows which need which."""
