"""Exercises that run in the page: `page` is the page's script, `python` runs in its worker."""
