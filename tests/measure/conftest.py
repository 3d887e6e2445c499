import pytest
import torch
import torch.nn.functional as F

from measure import mse_owns


@pytest.fixture(autouse=True, scope="package")
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(params=["as it is", "mended"])
def either_torch(request, monkeypatch):
    """torch as it is; and one whose `mse_loss` owns one number, as `huber_loss` does already.

    Below its bend that is half of the squared loss, and it makes the same tensors.
    """
    if request.param == "mended":
        monkeypatch.setattr(F, "mse_loss", lambda o, y: F.huber_loss(o, y, delta=1e4))
    mse_owns.cache_clear()
    yield request.param
    mse_owns.cache_clear()
