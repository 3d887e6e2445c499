"""The book in other languages: from gettext catalogues to a whole tree of pages.

    python -m book.translate update     take new and changed sentences into the catalogues
    python -m book.translate check      what is missing, fuzzy, stale, or differs in a formula

The English pages are the only source. `markdown` finds the sentences in a text, `pages` in a
notebook or a page, `catalogues` keeps one catalogue a page in `locale/<language>/LC_MESSAGES`, and
the checker's in its package. `words` collects what the site's own scripts and the checker say,
`translations` knows what a language says and what it does not, and `edition` writes the tree that
Jupyter Book builds. What is not translated is English there; only a release asks for all of it
(`check --strict`). A language is one entry of `languages.LANGUAGES` and its catalogues.
"""
