"""Which of two versions came later."""

import re

_COMMIT = re.compile(r"(?=.*[a-f])[0-9a-f]{7,64}")


def order(version: str) -> tuple[int, ...]:
    """The numbers of a version, to be compared one by one; none where they say nothing.

    4.19.1, v4.19.1 and checkout-4.19.1 are the same; a commit's hash has no order.
    """
    if _COMMIT.fullmatch(version):
        return ()
    return tuple(int(number) for number in re.findall(r"\d{1,9}", version))
