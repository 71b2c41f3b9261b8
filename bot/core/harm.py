"""What a text must not do to those who read it: mislead them, expose us, or wake anybody.

What tells them to act is found elsewhere (step).
"""

import re

_ALL_CLEAR = re.compile(
    r"\b(?:all|everything)\s+(?:\w+\s+){0,2}(?:is|are|was|works?|runs?)\s+(?:\w+\s+)?"
    r"(?:well|fine|ok(?:ay)?|good|healthy|normal(?:ly)?)\b"
    r"|\b(?:nothing|nobody|no one)\b.{0,30}\b(?:to do|do anything|act|needed|required|wrong)\b"
    r"|\bno (?:action|steps?|problem|incident|harm)\b|\bfalse alarm\b|\ba drill\b"
)


def is_all_clear(said: str) -> bool:
    """Whether a text says that nothing happened, or that nobody needs to act."""
    return bool(_ALL_CLEAR.search(said.lower()))


_OURS = re.compile(
    r"\bmut(?:e|ed|ing)\b.{0,40}\b(?:alerts?|signatures?|errors?)\b|\bon-call\b|\bas noise\b"
    r"|\bseverity\s+(?:is\s+|to\s+|of\s+)?(?:low|medium|high|critical)\b"
)


def decides(said: str) -> bool:
    """Whether a text says what is muted, how bad it is, or what those on call did: we say that."""
    return bool(_OURS.search(said.lower()))


_INTERNAL = re.compile(
    r"\w\.\w|\w_\w|[a-z][A-Z]|[A-Za-z]-?\d|\d[A-Za-z]|[/\\@<>{}\[\]`|#=$~]|::|\b[A-Z]{2,}\b"
    r"|(?i:\b(?:exception|stack|trace|null|sql|dns|tls|ssl|databases?|servers?|pods?|cluster|redis"
    r"|kafka|postgres\w*|mysql|mongo\w*|upstream|gateway|time-?out|deploy\w*|roll-?back|cache|queue"
    r"|threads?|memory|sockets?|endpoint|quer(?:y|ies)|heap|containers?|node|backend|certificate"
    r"|kubernetes|docker|credentials?|passwords?|tokens?)\b)"
)


def is_internal(wording: str) -> bool:
    """Whether a text names what customers are not told: hosts, names out of the code, secrets, and
    the terms of our trade."""
    return bool(_INTERNAL.search(wording))


_ALIVE = (
    (re.compile(r"!?\[([^\[\]]{0,200})\]\(([^()\s]{1,500})\)"), r"\1 (\2)"),
    (re.compile(r"<[!@#]([^<>]{0,200})>?|<([^<>|\s]{1,500}\|[^<>]{0,200})>"), r"(\1\2)"),
    (re.compile(r"(?i)\b([a-z][a-z0-9+.-]{0,20}):(?=//)"), r"\1[:]"),
    (re.compile(r"(?i)\b(mailto|javascript|data|tel):(?=\S)"), r"\1[:]"),
    (re.compile(r"(?i)\b(www)\.(?=\w)"), r"\1[.]"),
    (re.compile(r"@(?=\w)"), "(at)"),
)


def dead(said: str) -> str:
    """The text without a link or a mention that is alive: none leads away, none wakes anybody, and
    none is left where one stood in another."""
    before = ""
    while said != before:
        before = said
        for pattern, instead in _ALIVE:
            said = pattern.sub(instead, said)
    return said
