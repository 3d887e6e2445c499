"""The book's ledger: each numbered equation, the check that ran, and its error.

`agreement` is what the notebooks use: a table of one result by several judges. `page` gathers the
tables' stored outputs into the ledger page of the site, and finds equations nobody has checked.
"""

from .agreement import Agreement
