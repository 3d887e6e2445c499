"""The counter against what is known by hand, and against torch's own two accounts."""

import pytest
import torch
from torch.profiler import ProfilerActivity, profile

from compgraph.questions.memory import footprint
from measure import ByteCounter, mse_owns, section, storage_bytes


def test_a_tensor_counts_until_nothing_refers_to_it():
    with ByteCounter() as counter:
        a = torch.zeros(1000)
        b = a + 1
        del a
        c = b * 2
    assert (counter.live, counter.peak) == (8000, 8000)
    assert storage_bytes(b, c) == 8000
    del b, c
    assert counter.live == 0


def test_views_and_in_place_operators_make_nothing():
    with ByteCounter() as counter:
        a = torch.zeros(10, 10)
        a.T.add_(1)[2:5].mul_(2)
    assert counter.peak == 400
    assert [step.made for step in counter.steps if step.op != "zeros"] == [0] * 4


def test_what_was_there_before_is_left_out():
    a = torch.zeros(1000)
    with ByteCounter() as counter:
        a.add_(1)
        b = a.view(10, 100)
        del a, b
    assert (counter.live, counter.peak) == (0, 0)


def test_a_freed_address_may_be_used_again():
    """New memory at an old address is new, whether or not the old one counted."""
    before = torch.zeros(1000)
    with ByteCounter() as counter:
        before.add_(1)
        del before
        for _ in range(50):
            new = torch.zeros(1000)
            del new
        assert counter.live == 0
    assert counter.peak == 4000
    assert sum(step.made for step in counter.steps) == 50 * 4000


def test_what_the_scalar_of_mse_loss_owns_is_counted(either_torch):
    o, y = torch.zeros(20, 10), torch.ones(20, 10)
    loss = torch.nn.functional.mse_loss(o, y)
    assert loss.shape == ()
    assert storage_bytes(loss) == {"nq": 800, "1": 4}[mse_owns()]
    assert either_torch == "as it is" or mse_owns() == "1"


def test_a_loss_that_owns_something_else_is_no_choice(monkeypatch):
    monkeypatch.setattr(torch.nn.functional, "mse_loss", lambda o, y: torch.zeros(2, 2))
    mse_owns.cache_clear()
    with pytest.raises(RuntimeError, match="mse_loss owns 4 numbers"):
        mse_owns()
    mse_owns.cache_clear()


def test_autograd_s_memory_is_seen():
    x = torch.zeros(1000, requires_grad=True)
    with ByteCounter() as counter:
        y = x.exp().exp().sum()  # each exp keeps its result for backward propagation
        kept = counter.live
        y.backward()
        del y
    assert kept == 2 * 4000 + 4
    assert counter.live == storage_bytes(x.grad) == 4000


def _given():
    w1 = torch.randn(100, 50, requires_grad=True)
    w2 = torch.randn(10, 100, requires_grad=True)
    return w1, w2, torch.randn(20, 50), torch.randn(20, 10)


def _training_step(counter, w1, w2, x, y):
    with counter:
        torch.nn.functional.mse_loss(torch.tanh(x @ w1.T) @ w2.T, y).backward()


@pytest.mark.filterwarnings("ignore")
def test_the_profiler_s_account_is_the_same():
    """Every allocation of the CPU allocator, those inside an operator included."""
    activity = profile(activities=[ProfilerActivity.CPU], profile_memory=True)
    _training_step(activity, *_given())
    events = [e for e in activity.profiler.kineto_results.events() if e.name() == "[memory]"]
    live = peak = 0
    for event in sorted(events, key=lambda e: e.start_ns()):
        live += event.nbytes()
        peak = max(peak, live)
    counter = ByteCounter()
    _training_step(counter, *_given())
    assert peak == counter.peak == footprint(d=50, h=100, q=10, n=20, mse_owns=mse_owns()).peak


def test_mem_tracker_s_account_is_the_same():
    from torch.distributed._tools.mem_tracker import MemTracker

    given = _given()
    tracker = MemTracker()
    tracker.track_external(*given)
    _training_step(tracker, *given)
    (snapshot,) = tracker.get_tracker_snapshot("peak").values()
    counter = ByteCounter()
    _training_step(counter, *_given())
    assert snapshot["Total"] == storage_bytes(given) + counter.peak
    assert (storage_bytes(given), counter.peak) == (28_800, {"nq": 32_804, "1": 32_008}[mse_owns()])


def test_it_counts_models_that_would_never_fit():
    from torch._subclasses.fake_tensor import FakeTensorMode

    sizes = {"d": 100_000, "h": 100_000, "q": 100_000, "n": 1000}
    with FakeTensorMode():
        held, counter = section.count(**sizes, optimizer="adam")
    f = footprint(**sizes, optimizer="adam")
    assert (held, counter.peak) == (f.held, f.peak)
    assert held > 160e9
