"""`python follow_parent.py -m MODULE`: run a module, and end when the process is gone that started this one.

Standard input is a pipe of which that process holds the other end. When it dies, however that happens, the system
closes its end; then this process group is ended, and with it every process that the module has started in it. So
whoever starts this gives it a group of its own. Linux and macOS have all of that; `PR_SET_PDEATHSIG` is Linux's alone.
"""

import os
import runpy
import signal
import sys
import threading


def end_with_parent(pipe: int) -> None:
    """Wait for the end of the pipe, and end this process group. What comes through the pipe means nothing."""
    while os.read(pipe, 1024):
        pass
    os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    if len(sys.argv) != 3 or sys.argv[1] != "-m":
        sys.exit(f"usage: {sys.argv[0]} -m MODULE")
    if os.getpid() != os.getpgid(0):
        sys.exit("this ends its process group with itself, so it needs one of its own")
    # A descriptor of its own: the module, and what it starts, may do with standard input what they like.
    held = os.dup(0)
    empty = os.open(os.devnull, os.O_RDONLY)
    os.dup2(empty, 0)
    os.close(empty)
    threading.Thread(target=end_with_parent, args=(held,), name="end-with-parent", daemon=True).start()
    module = sys.argv[2]
    sys.argv = [module]
    runpy.run_module(module, run_name="__main__", alter_sys=True)
