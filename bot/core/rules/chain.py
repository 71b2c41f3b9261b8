"""The texts of an error: one for each exception of its chain, the innermost cause first."""

import re

from bot.core.analysis import Symptom

_TEXT_LIMIT = 24_000
_LINKS = 16

_SEPARATORS = re.compile(
    r"\n(?:The above exception was the direct cause of the following exception:"
    r"|During handling of the above exception, another exception occurred:)\n"
)
_CAUSE = re.compile(
    r"(?m)^[ \t]*(?:Caused by:?|\[cause\]:|Suppressed:|Inner Exception:?|cause:)[ \t]*"
)
_GROUP = re.compile(r"(?m)^ {2,8}[|+] ?")
"""The margin of Python's exception groups."""
_FRAME = re.compile(r"^\s+\S|^goroutine \d|^Traceback|^\s*$|^[\w./$()*]+\([^:]*\)$|^\s*at ")


def links(symptom: Symptom) -> tuple[str, ...]:
    """What the error says, one text per exception, from the innermost cause to the outermost."""
    said = spoken(symptom)
    outer = said if symptom.error_type in said else _typed(symptom.error_type, said)
    body = f"{said}\n{symptom.stack}"[:_TEXT_LIMIT] if symptom.stack else said[:_TEXT_LIMIT]
    inner = [*_causes(body), *_python_blocks(body)]
    return tuple(dict.fromkeys([*inner[:_LINKS], _heads(outer[:_TEXT_LIMIT])]))


def _typed(error_type: str, said: str) -> str:
    """A text with the type before it; in a line of its own before several lines, since the first of
    them may be about something else."""
    between = "\n" if "\n" in said else " "
    return f"{error_type}:{between}{said}"


def spoken(symptom: Symptom) -> str:
    """What the error says, in the fullest text there is of it."""
    texts = (symptom.message, symptom.title, symptom.template)
    return next((text for text in texts if text.strip()), "")


def lines_with(words: str, text: str) -> list[str]:
    """The lines of a text that hold the words, in any case."""
    low = words.lower()
    return [line for line in text.split("\n") if low in line.lower()]


def _causes(body: str) -> list[str]:
    """The causes in a stack of Java, Rust or Node, or behind .NET's arrows, the innermost first."""
    parts = _CAUSE.split(body)[1:]
    arrows = body.split(" ---> ")[1:]
    return [_first_line(part) for part in reversed([*parts, *arrows])]


def _python_blocks(body: str) -> list[str]:
    """The last line of each traceback of a chain; Python prints the innermost first."""
    if "Traceback (most recent call last)" not in body:
        return []
    return [_last_line(block) for block in _SEPARATORS.split(_GROUP.sub("", body))]


def _first_line(text: str) -> str:
    return text.strip().split("\n", 1)[0]


def _last_line(block: str) -> str:
    said = [line for line in block.split("\n") if line[:1].isalpha() and line[:5] != "Trace"]
    return said[-1] if said else ""


def _heads(text: str) -> str:
    """The lines of a text that are no frames of a stack."""
    lines = text.split("\n")
    said = [lines[0], *(line for line in lines[1:] if not _FRAME.match(line))]
    return "\n".join(said[:20])
