"""Launching workers: whatever goes wrong is said once, soon, and leaves no process behind."""

import errno
import functools
import importlib
import math
import multiprocessing
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import pytest
import torch
import torch.distributed as dist

import compgraph as cg
from parallel import Wire, WorkerError, launch

launching = importlib.import_module("parallel.launch")  # `parallel.launch` is the function
ROOT = Path(__file__).resolve().parents[2]

GENEROUS = 120
SOON = 15  # seconds within which trouble must be reported, on a machine however busy


@pytest.fixture(autouse=True)
def nobody_is_left():
    before = set(multiprocessing.active_children())
    yield
    assert set(multiprocessing.active_children()) <= before


def fails(worker, size, *args, timeout=GENEROUS, **options):
    """The message with which the launch ended, and how long that took."""
    started = time.monotonic()
    with pytest.raises(WorkerError) as raised:
        launch(worker, size, *args, timeout=timeout, **options)
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
        raise ValueError("expected sizes (d,\n  h, q)\n\nand more")
    dist.barrier()


def test_an_exception_is_named_with_its_place():
    message = fails(raises, 2)
    assert "worker 1 of 2 failed with ValueError: expected sizes (d, h, q) (line" in message
    assert "test_launch.py, in raises" in message


def leaves_a_parameter_out():
    class Network(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.used, self.unused = torch.nn.Linear(2, 2), torch.nn.Linear(2, 2)

        def forward(self, x):
            return self.used(x)

    model = torch.nn.parallel.DistributedDataParallel(Network())
    for _ in range(2):
        model(torch.ones(1, 2)).sum().backward()


def test_torchs_message_is_there_to_the_line_with_the_answer():
    message = fails(leaves_a_parameter_out, 2)
    assert "failed with RuntimeError: Expected to have finished reduction" in message
    assert re.search(r"Parameter indices which did not receive grad for rank \d: 2 3", message)
    assert "\n" not in message and message.endswith("The others were stopped; none is left.")


class Unspeakable(Exception):
    pass


@pytest.mark.parametrize(
    "text, said",
    [
        ("", ""),
        ("one line", ": one line"),
        ("  cut \nin two \n\nand a second paragraph", ": cut in two"),
        ("lost\nException raised from read at x.cpp:3\nframe #0: c10::Error", ": lost"),
        ("sizes for W1:\n\tsize mismatch (2, 3)", ": sizes for W1: size mismatch (2, 3)"),
        ("word " * 1000, ": " + ("word " * 400) + " …"),
    ],
)
def test_an_exception_in_one_line(text, said):
    assert launching._said(Unspeakable(text)) == "Unspeakable" + said


def test_an_exception_with_its_cause():
    error = RuntimeError("the stage failed:")
    error.__cause__ = ValueError("sizes 4 and 3")
    assert launching._said(error) == (
        "RuntimeError: the stage failed: (because of ValueError: sizes 4 and 3)"
    )


def waits_for_nobody():
    Wire().receive((1,), 1 - dist.get_rank())


def test_both_receive_and_nobody_sends():
    message = fails(waits_for_nobody, 2, timeout=3)
    assert "no answer within 3 s. Still busy of 2 workers: worker 0" in message
    if sys.platform != "win32":
        place = r"worker 0 in receive, called at line \d+ of test_launch.py, in waits_for_nobody;"
        assert re.search(place, message)


def waits_in_pythons_own_code():
    threading.Event().wait()


@pytest.mark.skipif(sys.platform == "win32", reason="a stack is asked for by a signal")
def test_the_place_is_the_readers_line_and_not_pythons():
    message = fails(waits_in_pythons_own_code, 1, timeout=3)
    assert re.search(r"worker 0 in line \d+ of test_launch.py, in waits_in_pythons", message)


def größe():
    time.sleep(GENEROUS)


@pytest.mark.skipif(sys.platform == "win32", reason="a stack is asked for by a signal")
def test_a_place_with_letters_of_any_language():
    assert "of test_launch.py, in größe" in fails(größe, 1, timeout=3)
    stack = 'Stack:\n  File "/caf\\xe9/\\u4e34\\U0001f600.py", line 3 in gr\\xf6\\xdfe\n'
    assert launching._frames(stack) == [("/café/临😀.py", "3", "größe")]


def stops():
    if dist.get_rank() == 1:
        os.kill(os.getpid(), signal.SIGSTOP)
    dist.barrier()


@pytest.mark.skipif(sys.platform != "linux", reason="/proc is Linux's")
def test_a_stopped_worker_is_named():
    message = fails(stops, 2, timeout=3)
    assert re.search(
        r"worker 0 in line \d+ of test_launch.py, in stops; worker 1 \(stopped\)", message
    )
    assert "SIGSTOP" in message and "Does every send" not in message


def disagrees():
    dist.barrier() if dist.get_rank() else None
    return "done"


def test_a_collective_that_one_worker_does_not_call():
    message = fails(disagrees, 2, timeout=3)
    assert "worker 1" in message and "worker 0" not in message


def cannot_be_sent():
    return (i for i in range(3))


def test_a_result_that_cannot_travel():
    message = fails(cannot_be_sent, 2)
    assert "failed, for its result cannot be sent: TypeError: cannot pickle 'gen" in message


class Torn:
    """Something that pickle can neither send nor, if told to send it, make again."""

    def __init__(self, sent):
        self.sent = sent

    def __reduce__(self):
        if not self.sent:
            raise RuntimeError("a lock is held")
        return int, ("no number",)


def test_a_result_whose_own_pickling_fails():
    assert "its result cannot be sent: RuntimeError: a lock is held" in fails(Torn, 2, False)


def test_a_result_that_cannot_be_made_again():
    message = fails(Torn, 2, True)
    assert "has a result that cannot be read here: ValueError: invalid literal" in message


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


def test_spawn_says_what_it_cannot_send():
    with pytest.raises(ValueError, match="cannot be sent to a new process: .*generator"):
        launch(add, 2, 1, cannot_be_sent(), start="spawn")
    with pytest.raises(ValueError, match="cannot import '<lambda>'"):
        launch(lambda: 1, 2, start="spawn")


def _size(node, others):
    return len(cg.topological([node])), others[-1] is node


def test_spawn_of_a_deep_graph(tmp_path, monkeypatch):
    folder = tmp_path / "with space"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    nodes = [cg.leaf("x", (3,))]
    for _ in range(40_000):
        nodes.append(cg.tanh(nodes[-1]))
    answers = launch(
        functools.partial(_size, nodes[-1]), 2, nodes[::100], timeout=GENEROUS, start="spawn"
    )
    assert answers == [(40_001, True)] * 2


def overwrites(tensor):
    tensor.fill_(dist.get_rank())
    return tensor


@pytest.mark.parametrize("start, size", [("fork", 2), ("spawn", 1)])
def test_a_workers_arguments_are_its_own(start, size):
    if start == "fork" and sys.platform != "linux":
        pytest.skip("forks are for Linux")
    tensor = torch.full((3,), 7.0)
    answers = launch(overwrites, size, tensor, timeout=GENEROUS, start=start)
    assert [answer.tolist() for answer in answers] == [[float(k)] * 3 for k in range(size)]
    assert tensor.tolist() == [7.0] * 3


SCRIPT = """
from parallel import WorkerError, launch

def worker(a):
    return a + 1

def main():
    try:
        print(launch(worker, 2, 3, timeout=120, start="spawn"))
    except WorkerError as trouble:
        print(trouble)
"""


@pytest.mark.parametrize(
    "call, printed",
    [
        ("if __name__ == '__main__':\n    main()", "[4, 4]\n"),
        ("main()", "worker . of 2 ended before it began .exit code 1.; what it printed says why.*"),
    ],
)
def test_spawn_of_a_worker_in_a_script(tmp_path, call, printed):
    path = tmp_path / "script.py"
    path.write_text(SCRIPT + call)
    ran = subprocess.run(
        [sys.executable, path],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=GENEROUS,
    )
    assert re.fullmatch(printed if "worker" in printed else re.escape(printed), ran.stdout, re.S)


# --- where and when workers meet ------------------------------------------------------------------

FOLDERS = [
    "with space", "été", "100%", "%20", "a#b", "a?b=c&d", "临时文件", "😀", "it's \"quoted\"",
    "line\nbreak", "semi;colon", "$HOME", "~", "back\\slash", os.fsdecode(b"not \xff text"),
]  # fmt: skip


@pytest.mark.parametrize("name", FOLDERS, ids=ascii)
def test_temporary_files_in_a_folder_of_any_name(name, tmp_path, monkeypatch):
    folder = tmp_path / name
    try:
        folder.mkdir()
    except (OSError, ValueError):
        pytest.skip("this system has no such names")
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr(tempfile, "tempdir", None)  # else the one found before is kept
    assert launch(_meet, 2, folder, timeout=GENEROUS) == [True, True]
    assert list(folder.iterdir()) == []


def _meet(folder):
    dist.new_group([0, 1])  # looks up the rendezvous once more
    return len(list(folder.glob("*/rendezvous"))) == 1


def test_no_folder_for_temporary_files(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "gone"))
    with pytest.raises(OSError, match="launch: there is no folder for temporary files .*TMPDIR"):
        launch(_rank, 2)


@pytest.mark.skipif(sys.platform != "linux", reason="only a fork sees what a test replaced")
def test_workers_that_do_not_meet(monkeypatch):
    store = dist.FileStore
    apart = lambda path, size: store(path + str(os.getpid()).encode(), size)  # noqa: E731
    monkeypatch.setattr(dist, "FileStore", apart)
    message = fails(_rank, 2, timeout=3)
    assert message.startswith(
        "no answer within 3 s: the workers never met: worker 0 waits for the others; "
        "worker 1 waits for the others. Does a longer time-out help?"
    )
    assert "Does every send" not in message and tempfile.gettempdir() in message


def test_workers_that_had_no_time_to_start():
    message = fails(_rank, 2, timeout=0.05, start="spawn")
    assert "never met: worker 0 is still starting; worker 1 is still starting." in message


@pytest.mark.skipif(sys.platform != "linux", reason="only a fork sees what a test replaced")
def test_more_workers_than_the_machine_can_start(monkeypatch):
    start = multiprocessing.get_context("fork").Process._Popen

    starts = iter([start])  # the first succeeds, the second does not

    def popen(process):
        for go in starts:
            return go(process)
        raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN))

    monkeypatch.setattr(multiprocessing.context.ForkProcess, "_Popen", staticmethod(popen))
    message = fails(_rank, 3)
    assert re.match(r"worker 1 of 3 could not be started: BlockingIOError: \[Errno 11\]", message)


@pytest.mark.parametrize("timeout", [0, -5, math.nan, math.inf, 1e12, "3"])
def test_a_time_out_that_is_none(timeout):
    with pytest.raises(ValueError, match="above 0 and at most 1,000,000, got"):
        launch(_rank, 2, timeout=timeout)


@pytest.mark.parametrize("size", [0, -1, 1.5])
def test_the_number_of_workers(size):
    with pytest.raises(ValueError, match="positive integer"):
        launch(_rank, size)
