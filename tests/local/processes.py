"""Which processes there are, by `ps`. A dead one that its parent has not collected yet does not count."""

import subprocess


def children_of(parent: int) -> list[int]:
    """Process ids of the living children of a process."""
    return [pid for pid, of, _ in _table() if of == parent]


def processes_in_group(group: int) -> list[int]:
    """Process ids of the living processes of a process group."""
    return [pid for pid, _, of in _table() if of == group]


def end(process: subprocess.Popen[str]) -> None:
    """End a run that a test has left alone. By SIGTERM, so that it leaves its folder in order."""
    if process.poll() is not None:
        return
    process.terminate()
    try:
        process.communicate(timeout=20)
    except subprocess.TimeoutExpired:
        process.kill()


def _table() -> list[tuple[int, int, int]]:
    command = ["/bin/ps", "-eo", "pid=,ppid=,pgid=,stat="]
    listed = subprocess.run(command, capture_output=True, text=True, check=True, timeout=10).stdout.splitlines()
    rows = [line.split() for line in listed]
    return [(int(pid), int(parent), int(group)) for pid, parent, group, state in rows if not state.startswith("Z")]
