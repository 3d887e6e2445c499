"""Launching workers: whatever goes wrong is said once, soon, and leaves no process behind."""

import multiprocessing
import os
import re
import signal
import sys
import time

import pytest
import torch
import torch.distributed as dist

from parallel import Wire, WorkerError, launch

GENEROUS = 120
SOON = 15  # seconds within which trouble must be reported, on a machine however busy


@pytest.fixture(autouse=True)
def nobody_is_left():
    before = set(multiprocessing.active_children())
    yield
    assert set(multiprocessing.active_children()) <= before


def fails(worker, size, *args, timeout=GENEROUS):
    """The message with which the launch ended, and how long that took."""
    started = time.monotonic()
    with pytest.raises(WorkerError) as raised:
        launch(worker, size, *args, timeout=timeout)
    took = time.monotonic() - started
    assert took < timeout + SOON if timeout < GENEROUS else took < SOON
    return str(raised.value)


def add(a, b):
    return dist.get_rank(), a + b, os.getpid()


def test_results_come_by_rank():
    results = launch(add, 3, 1, 2, timeout=GENEROUS)
    assert [r[:2] for r in results] == [(0, 3), (1, 3), (2, 3)]
    assert len({r[2] for r in results}) == 3


def test_a_function_made_on_the_spot_will_do():
    if sys.platform != "linux":
        pytest.skip("only a fork can run a function that cannot be imported")
    number = 7
    assert launch(lambda: number, 2, timeout=GENEROUS) == [7, 7]


def makes_a_tensor():
    return torch.full((3,), float(dist.get_rank()))


def test_tensors_outlive_their_worker():
    results = launch(makes_a_tensor, 2, timeout=GENEROUS)
    assert [r.tolist() for r in results] == [[0.0] * 3, [1.0] * 3]


def killed(victim, folder):
    (folder / f"pid{dist.get_rank()}").write_text(str(os.getpid()))
    if dist.get_rank() == victim:
        os.kill(os.getpid(), signal.SIGKILL)
    dist.recv(torch.empty(1), victim)


@pytest.mark.skipif(sys.platform == "win32", reason="signals are Unix's")
@pytest.mark.parametrize("victim", [0, 2])
def test_a_killed_worker(victim, tmp_path):
    message = fails(killed, 3, victim, tmp_path)
    assert message == (
        f"worker {victim} of 3 was killed (SIGKILL). The others were stopped; none is left."
    )
    for path in tmp_path.iterdir():
        with pytest.raises(ProcessLookupError):
            os.kill(int(path.read_text()), 0)


def leaves():
    if dist.get_rank() == 1:
        os._exit(3)
    dist.barrier()


def test_a_worker_that_leaves_without_a_word():
    assert fails(leaves, 2).startswith("worker 1 of 2 ended without an answer (exit code 3)")


def raises():
    if dist.get_rank() == 1:
        raise ValueError("expected sizes (d, h, q)\nand more")
    dist.barrier()


def test_an_exception_is_named_with_its_place():
    message = fails(raises, 2)
    assert "worker 1 of 2 failed with ValueError: expected sizes (d, h, q) (line" in message
    assert "test_launch.py, in raises" in message


def waits_for_nobody():
    Wire().receive((1,), 1 - dist.get_rank())


def test_both_receive_and_nobody_sends():
    message = fails(waits_for_nobody, 2, timeout=3)
    assert "no answer within 3 s. Still busy of 2 workers: worker 0" in message
    if sys.platform != "win32":
        place = r"worker 0 in receive, called at line \d+ of test_launch.py, in waits_for_nobody;"
        assert re.search(place, message)


def disagrees():
    dist.barrier() if dist.get_rank() else None
    return "done"


def test_a_collective_that_one_worker_does_not_call():
    message = fails(disagrees, 2, timeout=3)
    assert "worker 1" in message and "worker 0" not in message


def cannot_be_sent():
    return (i for i in range(3))


def test_a_result_that_cannot_travel():
    assert "its result cannot be sent" in fails(cannot_be_sent, 2)


def both_send_first():
    line = Wire()
    line.send(torch.full((100_000,), float(line.rank), dtype=torch.float64), 1 - line.rank)
    got = line.receive((100_000,), 1 - line.rank)
    line.finish()
    return float(got.mean()), line.sent[1 - line.rank]


def test_both_may_send_first():
    assert launch(both_send_first, 2, timeout=GENEROUS) == [(1.0, 800_000), (0.0, 800_000)]


def ring(length):
    line = Wire()
    mine = torch.arange(length, dtype=torch.float64) * 10**line.rank
    result = line.all_reduce(mine)
    line.finish()
    return result.tolist(), sum(line.sent.values())


@pytest.mark.parametrize("size, length", [(1, 5), (2, 5), (3, 7), (4, 2)])
def test_the_ring_adds_and_sends_what_the_formula_says(size, length):
    results = launch(ring, size, length, timeout=GENEROUS)
    factor = sum(10**k for k in range(size))
    assert all(values == [i * factor for i in range(length)] for values, _ in results)
    assert sum(sent for _, sent in results) == 2 * (size - 1) * length * 8


def test_spawn():
    assert launch(_rank, 2, timeout=GENEROUS, start="spawn") == [0, 1]


def _rank():
    return dist.get_rank()


def test_spawn_says_what_it_cannot_import():
    def here():
        return 1

    here.__module__ = "__main__"
    with pytest.raises(ValueError, match="cannot import 'here'.*start='fork'"):
        launch(here, 2, start="spawn")


@pytest.mark.parametrize("size", [0, -1, 1.5])
def test_the_number_of_workers(size):
    with pytest.raises(ValueError, match="positive integer"):
        launch(_rank, size)
