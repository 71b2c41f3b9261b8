"""How much memory a process held at the most.

`getrusage` is no measure of it: what a process is told there begins with what its parent held.
"""

from pathlib import Path


def megabytes(process: int | str = "self") -> float:
    """Of a process by its id, in MB, where the system has /proc. Raises FileNotFoundError."""
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1e3 for line in lines if line.startswith("VmHWM"))
