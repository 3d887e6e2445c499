"""What chapters 3 and 4 say of bytes and time, counted on a CUDA device: ``python -m measure.gpu``.

A GPU's memory is handed out by an allocator of torch's own. It has three numbers, and the formulas
are held against each: the bytes that were *requested*, which are those of the tensors; the bytes
*allocated*, in blocks of 512; and the bytes *reserved*, in segments of 2 MiB and more, which the
device has lent to torch.

- `blocks`: the rounding, applied to the tables of `compgraph.questions.memory`.
- `device`: the allocator's account of a run, and a clock. All calls of `torch.cuda` stand there;
  the trials get a device handed in.
- `training`: the trials of chapter 3. `curvature`: those of chapter 4.
- `report`: Markdown tables, and sections of a report that are written by name.

It needs torch (2.4 or newer), NumPy and this checkout, and no other package.
"""
