"""An agreement table shows what agrees, and refuses what does not."""

import numpy as np
import pytest
import torch

from ledger import Agreement
from ledger.agreement import JUDGES

TRUE = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])


def test_a_row_that_agrees_is_shown_with_its_error():
    table = Agreement("Title").add("G", "eq-g", TRUE, graph=TRUE, difference=TRUE + 5e-10)
    assert "2×3" in repr(table)
    assert "≤ 1e-16" in repr(table)
    assert "5.0e-10" in repr(table)
    assert table.worst == pytest.approx(5e-10, rel=1e-3)
    assert 'data-equation="eq-g"' in table._repr_html_()
    assert 'data-error="5.0e-10"' in table._repr_html_()


@pytest.mark.parametrize("judge", [judge for judge, (_, allowed) in JUDGES.items() if allowed])
def test_a_difference_just_beyond_what_is_allowed_is_refused(judge):
    allowed = JUDGES[judge][1]
    Agreement("").add("G", None, TRUE, **{judge: TRUE + 0.5 * allowed})
    with pytest.raises(AssertionError, match="G: the hand formula and .* differ by"):
        Agreement("").add("G", None, TRUE, **{judge: TRUE + 2 * allowed})


@pytest.mark.parametrize("judge", ["counted", "measured"])
def test_counts_are_exact(judge):
    table = Agreement("").add("bytes", "eq-bytes", 24_000, **{judge: 24_000})
    assert "exact" in repr(table)
    assert 'data-error="exact"' in table._repr_html_()
    with pytest.raises(AssertionError):
        Agreement("").add("bytes", None, 24_000, **{judge: 24_001})


def test_nan_never_agrees():
    with pytest.raises(AssertionError):
        Agreement("").add("G", None, TRUE, graph=np.full_like(TRUE, np.nan))


def test_a_transposed_value_is_refused_by_its_shape():
    with pytest.raises(AssertionError, match=r"shape \(2, 3\), torch has \(3, 2\)"):
        Agreement("").add("G", None, TRUE, torch=torch.tensor(TRUE).T)


def test_a_tensor_that_requires_grad_is_compared():
    Agreement("").add("G", None, TRUE, torch=torch.tensor(TRUE, requires_grad=True))


def test_a_row_needs_a_known_judge():
    with pytest.raises(ValueError, match="nothing to compare"):
        Agreement("").add("G", None, TRUE)
    with pytest.raises(ValueError, match="'oracle' is no judge"):
        Agreement("").add("G", None, TRUE, oracle=TRUE)


def test_titles_and_quantities_are_escaped():
    html = Agreement("a < b").add("x & y", None, 1.0, graph=1.0)._repr_html_()
    assert "a &lt; b" in html
    assert "x &amp; y" in html
