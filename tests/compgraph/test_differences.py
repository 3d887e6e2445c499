"""Finite differences and the complex step: shapes, accuracy, and the mistakes they refuse."""

import numpy as np
import pytest

from compgraph.differences import central_difference, complex_step

rng = np.random.default_rng(0)
X = rng.standard_normal((3, 4))
A = rng.standard_normal((2, 3))


def cubic(x):
    return (x * x * x).sum()


def product(x):
    return A @ x


@pytest.mark.parametrize(
    ("judge", "tolerance"), [(central_difference, 1e-8), (complex_step, 1e-14)]
)
def test_gradient_of_a_scalar_function_has_the_shape_of_x(judge, tolerance):
    gradient = judge(cubic, X)
    assert gradient.shape == X.shape
    np.testing.assert_allclose(gradient, 3 * X**2, rtol=0, atol=tolerance)


@pytest.mark.parametrize(
    ("judge", "tolerance"), [(central_difference, 1e-8), (complex_step, 1e-14)]
)
def test_jacobian_of_a_matrix_function_has_four_indices(judge, tolerance):
    jacobian = judge(product, X)
    assert jacobian.shape == (2, 4, 3, 4)
    expected = np.einsum("ik,jl->ijkl", A, np.eye(4))  # ∂(AX)ij/∂Xkl = Aik δjl
    np.testing.assert_allclose(jacobian, expected, rtol=0, atol=tolerance)


@pytest.mark.parametrize("judge", [central_difference, complex_step])
def test_zero_dimensional_and_integer_input(judge):
    assert judge(lambda x: x**2, np.array(3.0)) == pytest.approx(6)
    np.testing.assert_allclose(judge(cubic, [1, 2]), [3, 12], atol=1e-8)


@pytest.mark.parametrize("judge", [central_difference, complex_step])
def test_x_is_left_alone(judge):
    def vandal(x):
        x *= 2
        return x.sum()

    kept = X.copy()
    np.testing.assert_allclose(judge(vandal, X), 2, atol=1e-8)
    np.testing.assert_array_equal(X, kept)


def test_the_error_of_a_central_difference_falls_as_eps_squared():
    coarse, fine = (
        np.abs(central_difference(cubic, X, eps) - 3 * X**2).max() for eps in (1e-1, 1e-2)
    )
    assert coarse / fine == pytest.approx(100, rel=1e-3)  # for a cubic it is ε² exactly
    assert coarse == pytest.approx(1e-2, rel=1e-6)


def test_the_complex_step_does_not_suffer_where_the_difference_does():
    assert np.abs(central_difference(np.exp, 1.0, 1e-13) - np.e) > 1e-6
    assert np.abs(complex_step(np.exp, 1.0, 1e-300) - np.e) < 1e-15


def test_float32_stays_float32():
    assert complex_step(cubic, X.astype("float32")).dtype == np.float32
    assert central_difference(cubic, X.astype("float32"), 1e-2).dtype == np.float32


@pytest.mark.parametrize("f", [lambda x: np.abs(x).sum(), lambda x: np.linalg.norm(x)])
def test_the_complex_step_refuses_a_function_that_drops_the_imaginary_part(f):
    with pytest.raises(TypeError, match="real value for a complex x"):
        complex_step(f, X)


def test_central_difference_refuses_a_complex_value():
    with pytest.raises(TypeError, match="complex value for a real x"):
        central_difference(lambda x: (1j * x).sum(), X)


@pytest.mark.parametrize("judge", [central_difference, complex_step])
def test_bad_arguments_are_named(judge):
    with pytest.raises(TypeError, match="x is a real array"):
        judge(cubic, X + 0j)
    with pytest.raises(ValueError, match="expected a positive number, got 0"):
        judge(cubic, X, 0)


# next to a power of two the numbers lie closer on one side than on the other
@pytest.mark.parametrize(("x", "eps"), [(X, 1e-17), (1.0, 1e-16), (-1.0, 1e-16)])
def test_eps_lost_in_rounding_is_named(x, eps):
    with pytest.raises(ValueError, match="too small"):
        central_difference(cubic, x, eps)
