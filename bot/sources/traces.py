"""Calls that a logger gives without what was raised, which it says beside them: as a whole trace,
as their language prints it."""

import re

_PYTHON = re.compile(r'[ \t]{0,20}File "[^"\n]{1,400}", line \d')
_RUBY = re.compile(r"\S{1,400}:\d{1,9}:in [`'][^\n]{1,200}'$", re.MULTILINE)
_PHP = re.compile(r"#0 (?:(\S{1,300})\((\d{1,9})\):)?")
"""Where it was raised PHP says apart from the calls; the place of the first stands for it."""
_JAVA = re.compile(r"[\w.$/@-]{1,300}\.[\w$<>]{1,200}\([^()\n]{0,200}\)$", re.MULTILINE)


def whole(calls: str, kind: str, message: str) -> str:
    """The calls with the type and the message around them; as they are where these stand there, or
    nothing is known of how they would."""
    if not kind or not calls:
        return calls
    raised = f"{kind}: {message}" if message else kind
    if _PYTHON.match(calls):
        is_told = not calls.rstrip().rpartition("\n")[2][:1].isspace()
        return calls if is_told else f"Traceback (most recent call last):\n{calls}\n{raised}"
    if _RUBY.match(calls):
        first, *others = calls.split("\n")
        return "\n".join([f"{first}: {message} ({kind})", *(f"\tfrom {one}" for one in others)])
    if php := _PHP.match(calls):
        return f"{raised} in {php[1] or '?'}:{php[2] or 0}\nStack trace:\n{calls}"
    if _JAVA.match(calls):
        return "\n".join([raised, *(f"\tat {one}" for one in calls.split("\n"))])
    return calls
