"""From notebooks to pages: everything that turns this repository into a website.

`build`, `serve` and `copies` are what the commands call. `sources` reads what people write,
`exercises` makes an exercise from its solution, `exercise_files` and `written` see to it that no
work is written over, `translate` writes the sources of every edition, `jupyter_book` runs it, `ext`
holds the Sphinx extensions that make pages of them, `theme` what the pages look like, `calculators`
and `workbook` what runs in them.

Only `tools` imports this package, and the page's own Python, `workbook.python`.
"""

from pathlib import Path

#: the checkout: the folder that holds `_config.yml`
ROOT = Path(__file__).resolve().parent.parent
