"""A bounded memory for the results of pure functions, which may be dropped at any time."""

from typing import Generic, TypeVar

Key = TypeVar("Key", str, bytes)
Value = TypeVar("Value")

_OVERHEAD = 300


class Bounded(dict[Key, Value], Generic[Key, Value]):
    """A dictionary that forgets everything when it is full.

    `size` is the number of bytes it may take, roughly: each key's length twice (a value is about as
    long as its key), and the objects of an entry. Simple operations are atomic under the
    interpreter's lock; a race can only lose entries.
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
