"""Memory of pure functions: bounded in size, and safe to drop at any time."""

from typing import Generic, TypeVar

Key = TypeVar("Key", str, bytes)
Value = TypeVar("Value")

_OVERHEAD = 300


class Bounded(dict[Key, Value], Generic[Key, Value]):
    """A dictionary that forgets everything when it is full.

    `size` counts the keys' lengths twice (a value is about as long as its key) plus what an entry
    costs in objects, in bytes, about. Simple operations are atomic under the interpreter's lock;
    a race can only lose entries.
    """

    __slots__ = ("_left", "_size")

    def __init__(self, *, size: int) -> None:
        super().__init__()
        self._size = self._left = size

    def keep(self, key: Key, value: Value) -> Value:
        """Remember the value, and give it back."""
        self._left -= 2 * len(key) + _OVERHEAD
        if self._left < 0:
            self.clear()
        self[key] = value
        return value

    def clear(self) -> None:
        """Forget everything."""
        super().clear()
        self._left = self._size
