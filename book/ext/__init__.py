"""Sphinx extensions of the book's own: each makes one thing of a page, and is a page long."""
