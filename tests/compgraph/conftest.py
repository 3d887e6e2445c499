import torch
from hypothesis import settings

torch.set_num_threads(2)

# The same examples on every machine, however slow; `--hypothesis-profile=explore` looks further.
settings.register_profile("book", derandomize=True, deadline=None, max_examples=100, database=None)
settings.register_profile("explore", deadline=None, max_examples=3000)
settings.load_profile("book")
