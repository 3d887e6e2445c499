"""Judging files of people one does not know, each in a process of its own.

Two processes take part. The *child* (`child`, `sources`) runs the cells of one notebook. It holds
neither the answers nor the judge. The *parent* (`parent`, `answers`) asks it: what did you define,
and what does `dW1` give for these arguments? Only values come back, as plain data (`protocol`), so
whatever the child does to itself, it cannot do more than answer. The parent judges, and it alone
prints, with the learner's texts made fit to be shown (`clean`).

A function among the arguments, such as the `f` of `difference`, stays with the parent: the child
gets one that sends its arguments there and waits for the value. A graph goes as rows of a table and
is built again on the other side by the engine, which checks every row.

A child that dies, hangs or says what nobody understands is killed with all of its process group.
What it was doing then is left out, with a remark, and another child does the rest.

This is no sandbox. The child has the rights of whoever started it: it can read and write files and
use the network. Limits on time, memory, files and processes stop accidents, not attacks.
"""
