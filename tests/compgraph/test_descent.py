"""The walks downhill, on functions whose minimum is known."""

from __future__ import annotations

from itertools import islice

import numpy as np

from compgraph.questions.descent import damped_newton, gradient_descent, newton, until

A = np.array([[3.0, 1.0], [1.0, 2.0]])
B = np.array([1.0, -1.0])


def quadratic(w):
    return 0.5 * w @ A @ w - B @ w


def quadratic_gradient(w):
    return A @ w - B


def rosenbrock(w):
    return (1 - w[0]) ** 2 + 100 * (w[1] - w[0] ** 2) ** 2


def rosenbrock_gradient(w):
    slope = 200 * (w[1] - w[0] ** 2)
    return np.array([-2 * (1 - w[0]) - 2 * w[0] * slope, slope])


def rosenbrock_hessian(w):
    return np.array([[2 + 1200 * w[0] ** 2 - 400 * w[1], -400 * w[0]], [-400 * w[0], 200.0]])


def saddle(w):
    """A saddle at 0, minima at (0, ±1)."""
    return 0.5 * w[0] ** 2 + 0.25 * w[1] ** 4 - 0.5 * w[1] ** 2


def saddle_gradient(w):
    return np.array([w[0], w[1] ** 3 - w[1]])


def saddle_hessian(w):
    return np.diag([1.0, 3 * w[1] ** 2 - 1])


NEAR_SADDLE = np.array([0.5, 0.1])


def test_newton_solves_a_quadratic_in_one_step():
    walk = newton(quadratic_gradient, lambda w: A, np.ones(2))
    points = until(walk, quadratic_gradient, 1e-12, 9)
    assert len(points) == 2
    np.testing.assert_allclose(points[-1], np.linalg.solve(A, B), atol=1e-14)


def test_gradient_descent_shrinks_the_error_by_the_rate():
    walk = gradient_descent(quadratic_gradient, np.ones(2), 0.1)
    first, second = islice(walk, 2)
    np.testing.assert_array_equal(second, first - 0.1 * (A @ first - B))
    walk = gradient_descent(quadratic_gradient, np.ones(2), 0.1)
    points = until(walk, quadratic_gradient, 1e-9, 500)
    np.testing.assert_allclose(points[-1], np.linalg.solve(A, B), atol=1e-8)


def test_newton_lands_on_a_saddle_and_damping_avoids_it():
    points = until(newton(saddle_gradient, saddle_hessian, NEAR_SADDLE), saddle_gradient, 1e-12, 50)
    np.testing.assert_allclose(points[-1], [0, 0], atol=1e-10)
    walk = damped_newton(saddle, saddle_gradient, saddle_hessian, NEAR_SADDLE)
    points = until(walk, saddle_gradient, 1e-10, 50)
    np.testing.assert_allclose(points[-1], [0, 1], atol=1e-9)
    assert (np.diff([saddle(w) for w in points]) < 0).all()


def test_damped_newton_finds_rosenbrocks_valley_floor():
    start = np.array([-1.2, 1.0])
    walk = damped_newton(rosenbrock, rosenbrock_gradient, rosenbrock_hessian, start)
    points = until(walk, rosenbrock_gradient, 1e-9, 100)
    np.testing.assert_allclose(points[-1], [1, 1], atol=1e-9)
    assert len(points) < 40
    assert (np.diff([rosenbrock(w) for w in points]) < 0).all()


def test_damping_falls_to_a_third_after_a_step_taken_at_once():
    first, second, third = islice(
        damped_newton(quadratic, quadratic_gradient, lambda w: A, np.ones(2)), 3
    )
    for w, after, damping in ((first, second, 0.01), (second, third, 0.01 / 3)):
        step = np.linalg.solve(A + damping * np.eye(2), quadratic_gradient(w))
        np.testing.assert_allclose(after, w - step, rtol=1e-13)


def test_damping_grows_fourfold_until_the_matrix_is_positive_definite_and_then_stays():
    walk = damped_newton(saddle, saddle_gradient, saddle_hessian, NEAR_SADDLE)
    first, second, third = islice(walk, 3)
    assert saddle_hessian(first)[1, 1] + 0.01 * 4**3 < 0
    for w, after, damping in ((first, second, 0.01 * 4**4), (second, third, 0.01 * 4**4)):
        step = saddle_gradient(w) / (np.diag(saddle_hessian(w)) + damping)
        np.testing.assert_allclose(after, w - step, rtol=1e-13)


def test_damped_newton_ends_where_nothing_falls():
    """At a minimum that rounding cannot improve on, although the tolerance is never met."""
    start = np.linalg.solve(A, B)
    walk = damped_newton(quadratic, quadratic_gradient, lambda w: A, start)
    points = until(walk, quadratic_gradient, -1, 99)
    assert len(points) < 5


def test_newton_ends_at_a_singular_matrix():
    walk = newton(quadratic_gradient, lambda w: np.zeros((2, 2)), np.ones(2))
    assert len(list(islice(walk, 5))) == 1


def test_until_stops_at_the_tolerance_the_limit_and_at_nan():
    numbers = iter(np.array([[4.0], [2.0], [1.0], [0.5]]))
    assert until(numbers, lambda w: w, 1.0, 99).ravel().tolist() == [4, 2, 1]
    numbers = iter(np.array([[4.0], [2.0], [1.0], [0.5]]))
    assert until(numbers, lambda w: w, 0.0, 2).ravel().tolist() == [4, 2, 1]
    numbers = iter(np.array([[4.0], [np.nan], [1.0]]))
    assert len(until(numbers, lambda w: w, 0.0, 99)) == 2
