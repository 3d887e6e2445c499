"""One result, several judges: the table at the end of every derivation.

A derivation is believed when the formula worked out by hand, the graph, torch and a finite
difference give the same numbers. `Agreement` compares them, shows the greatest absolute difference
from the hand formula, and refuses a row that does not agree.
"""

from __future__ import annotations

from html import escape

import numpy as np

#: judge -> (heading, greatest absolute difference allowed). Counts, bytes and FLOPs are exact.
JUDGES: dict[str, tuple[str, float]] = {
    "graph": ("graph", 1e-12),
    "torch": ("torch", 1e-12),
    "complex_step": ("complex step", 1e-12),
    "difference": ("finite difference", 1e-6),
    "identity": ("identity", 1e-12),
    "paper": ("paper", 1e-12),
    "counted": ("counted", 0.0),
    "measured": ("measured", 0.0),
}

#: judge -> how it comes to its value; two of one kind can share a mistake
KINDS = {
    "graph": "automatic differentiation",
    "torch": "automatic differentiation",
    "complex_step": "differences",
    "difference": "differences",
    "identity": "another way to write it",
    "paper": "a paper",
    "counted": "a counted run",
    "measured": "a counted run",
}


class Agreement:
    """A table of quantities, each worked out by hand and confirmed by judges.

    Parameters
    ----------
    title : the table's caption: what is compared, and at which sizes.
    """

    def __init__(self, title: str):
        self.title = title
        self._rows: list[tuple[str, tuple[str, ...], str, dict[str, float]]] = []

    def add(
        self, quantity: str, equation: str | tuple[str, ...] | None, hand, **judges
    ) -> Agreement:
        """Compare `hand` with each judge's value and add a row.

        Parameters
        ----------
        quantity : what is compared, such as ``"∂J/∂W1"``.
        equation : label, or labels, of the numbered equations that this row checks; None if none.
        hand : the value by the formula: a number, an array or a tensor.
        judges : values of the same shape by the judges of `JUDGES`.

        Raises
        ------
        AssertionError : if a judge's value differs by more than `JUDGES` allows, has another shape,
            or is not finite.
        ValueError : without a judge, or with one that `JUDGES` does not know.
        """
        if not judges:
            raise ValueError(f"{quantity}: nothing to compare the hand formula with")
        errors = {}
        expected = _array(hand)
        for judge, value in judges.items():
            if judge not in JUDGES:
                raise ValueError(f"{judge!r} is no judge; the judges are {', '.join(JUDGES)}")
            heading, allowed = JUDGES[judge]
            found = _array(value)
            if found.shape != expected.shape:
                raise AssertionError(
                    f"{quantity}: the hand formula has shape {expected.shape}, "
                    f"{heading} has {found.shape}"
                )
            error = float(np.max(np.abs(expected - found), initial=0.0))
            if not error <= allowed:  # so that NaN fails
                raise AssertionError(
                    f"{quantity}: the hand formula and {heading} differ by {error:.1e}, "
                    f"more than {allowed:.0e}"
                )
            errors[judge] = error
        labels = (equation,) if isinstance(equation, str) else tuple(equation or ())
        shape = "×".join(map(str, expected.shape)) or "scalar"
        self._rows.append((quantity, labels, shape, errors))
        return self

    @property
    def worst(self) -> float:
        """The greatest difference in the table."""
        return max((max(errors.values()) for *_, errors in self._rows), default=0.0)

    def _judges(self) -> list[str]:
        return [judge for judge in JUDGES if any(judge in errors for *_, errors in self._rows)]

    def _cells(self) -> list[list[str]]:
        judges = self._judges()
        head = ["quantity", "shape", *(JUDGES[judge][0] for judge in judges)]
        return [head] + [
            [quantity, shape]
            + [_error(errors[j], not JUDGES[j][1]) if j in errors else "–" for j in judges]
            for quantity, _, shape, errors in self._rows
        ]

    def __repr__(self) -> str:
        lines = [self.title + " (greatest absolute difference from the hand formula)"]
        return "\n".join(lines + ["  ".join(cells) for cells in self._cells()])

    def _repr_html_(self) -> str:
        head, *body = self._cells()
        judges = self._judges()
        rows = []
        for (_, labels, _, errors), cells in zip(self._rows, body, strict=True):
            # the ledger page reads these attributes from the stored output
            data = f' data-equation="{" ".join(labels)}"' if labels else ""
            data += f' data-judges="{" ".join(judge for judge in judges if judge in errors)}"'
            exact = not any(JUDGES[judge][1] for judge in errors)
            data += f' data-error="{_error(max(errors.values()), exact)}"'
            first = f'<th scope="row">{escape(cells[0])}</th>'
            rest = "".join(f"<td>{escape(cell)}</td>" for cell in cells[1:])
            rows.append(f"<tr{data}>{first}{rest}</tr>")
        heads = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in head)
        caption = f"{escape(self.title)}: greatest absolute difference from the hand formula"
        return (
            f'<table class="agreement"><caption>{caption}</caption>'
            f"<thead><tr>{heads}</tr></thead><tbody>{''.join(rows)}</tbody></table>"
        )


def _array(value) -> np.ndarray:
    """A number, an array or a torch tensor as an array, without importing torch."""
    if hasattr(value, "detach"):
        value = value.detach().cpu().numpy()
    return np.asarray(value)


def _error(error: float, exact: bool) -> str:
    """The difference as shown; floating-point noise is cut off where machines begin to differ."""
    if exact:
        return "exact"
    return "≤ 1e-16" if error <= 1e-16 else f"{error:.1e}"
