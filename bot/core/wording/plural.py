"""Numbers, and numbers of things, as people read them."""


def counted(number: int, noun: str) -> str:
    """ "1 event", "1,204 events"."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def number(value: float) -> str:
    """A number with one decimal place, and none where it is whole: "1,204", "36.8"."""
    return f"{value:,.1f}".removesuffix(".0")


def times(number: int) -> str:
    """ "once", "1,204 times"."""
    return "once" if number == 1 else f"{number:,} times"
