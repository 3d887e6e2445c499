"""``python -m parallel``: see `parallel.command`.

Nothing but the call stands here. Where processes are not forked, a worker has to be importable, and
what is defined in `__main__` is not.
"""

from .command import main

if __name__ == "__main__":
    main()
