"""Whether a text tells people to do something, and whether a step that a model proposes only looks.

What harms has no end of spellings. So a step begins with a verb that looks, and its commands are
of the few that may be named (shell); anything else drops the step: what acts comes from our own
tables, or from people.
"""

import re

from bot.core import shell

_PRIVATE = re.compile(
    r"~|(?:^|[\s/\"'`(])\.\w|/(?:etc|root|home|proc|run|dev)/|\bid_(?:rsa|ed25519)\b|\b\S+\.(?:pem|key|p12)\b"
    r"|\b(?:printenv|environ|environment variables?|env)\b|\bmeta-?data\b|169\.254\."
)
"""Where secrets lie."""
_CONFIDENTIAL = (
    r"(?:passwords?|passphrases?|secrets?|credentials?|(?:api|private|access|account|storage) keys?"
    r"|keyvault|keys list|card numbers?|(?:security|one-time) codes?|cvv|pins?)"
)
_TOLD = re.compile(rf"\b(?:whether|when|why)\b.{{0,80}}\b{_CONFIDENTIAL}\b")
_SECRET = re.compile(
    rf"\b{_CONFIDENTIAL}\b|\b(?:pass|hand|read|show|write|tell|send|see|look at|view|find|list"
    r"|select)\s+(?:\w+\s+){0,4}(?:tokens?|keys?|cookies?)\b"
)
"""What nobody should read because a model said so; that one is missing or too old may be said."""
_ACTS = (
    r"(?:stop|shut|halt|delete|remove|erase|wipe|purge|destroy|clear|flush|terminate|kill|evict|drain"
    r"|grant|give|expose|allow|permit|whitelist|allowlist|authori[sz]e|disable|deactivate|bypass|skip"
    r"|suppress|mute|silence|ignore|uninstall|install|reboot|restart|redeploy|overwrite|format|detach"
    r"|revoke|reset|drop|truncate|upload|download|copy|paste|send|share|forward|publish|empty|reveal"
    r"|disclose|post|e-?mail|turn|switch|fail over|nuke)"
)
_ACTING = (
    r"(?:(?:stopp|shutt|halt|delet|remov|eras|wip|purg|destroy|clear|flush|terminat|kill|evict|drain"
    r"|grant|giv|expos|allow|permitt|disabl|bypass|suppress|mut|silenc|ignor|uninstall|install|reboot"
    r"|overwrit|revok|resett|dropp|truncat|upload|download|copy|past|send|shar|forward|publish"
    r"|empty|turn|switch)ing)"
)
_DONE = (
    r"(?:stopped|shut|halted|deleted|removed|erased|wiped|purged|destroyed|cleared|flushed|terminated"
    r"|killed|evicted|drained|granted|given|exposed|disabled|bypassed|muted|silenced|ignored|dropped"
    r"|overwritten|revoked|truncated|turned|switched|emptied)"
)
_BEFORE = (
    r"(?:^|[.;:,!?]\s+|\b(?:and|then|or|so|now|please|first|just|simply|must|should|shall|you|we|let|make"
    r"|execute|run|hesitate to|"
    r"somebody|someone|everybody|better|(?:needs?|has|have|ought|safe|best|time) to"
    r"|to (?:\w+ ){1,3}it|(?:tell|ask|get) (?:\w+ ){1,3}to)\s+|[\"'`(]|\d\)\s*|- )"
)
"""What a verb stands after that tells people to do it."""
_TELLS = re.compile(
    rf"{_BEFORE}(?:\w+ly\s+)?{_ACTS}\b|\b(?:turn|switch)\s+(?:\w+\s+){{0,3}}off\b"
    rf"|\b(?:by|try|start|consider|recommend|suggest)\s+{_ACTING}\b"
    rf"|\b(?:should|must|needs? to|has to|have to|ought to|let it) (?:be|get) {_DONE}\b"
    r"|\bscal(?:e|ing)\s.{0,60}\bzero\b"
    r"|\b(?:scal(?:e|ing)\b.{0,60}|(?:replicas?|instances?|workers?)\s+)to\s+(?:0(?![\d.])|zero\b)"
    r"|\bopen\s+(?:\w+\s+){0,3}(?:ports?|firewalls?|access|ingress|security)\b|\b0\.0\.0\.0/0"
    r"|(?:verif|verify|tls|ssl|auth|secur|encrypt)\w*\s*(?:=|:|\bto\b)\s*[\"']?"
    r"(?:false|off|none|no|0|disabled?)\b"
    rf"|\b(?:ask|tell|enter|type|say|give|send|post)\b.{{0,60}}\b{_CONFIDENTIAL}\b"
)
_DESTROYS = (
    r"(?:delete|remove|erase|wipe|purge|destroy|flush|terminate|evict|drain|truncate|uninstall|install"
    r"|reinstall|overwrite|disable|deactivate|revoke|shutdown|promote|nuke)"
)
_MAY = "not never cannot can could may might did does will would which who that"
_UNTOLD = "".join(rf"(?<!\b{word}\s)" for word in _MAY.split())
"""After such a word it is told of, in one that is not done."""
_REACHES = (
    r"(?:write|call|phone|dial|mail|log in|sign in|enter|type|pay|post|visit|click|reply|sign|scale"
    r"|go|run|execute|apply|put|add|change|edit|move|rename|create)"
)
_ANYWHERE = re.compile(
    rf"\bto {_ACTS}\b|\b{_ACTING}\b|\b(?:be|get|been|being) {_DONE}\b"
    rf"|{_UNTOLD}(?<![\w-]){_DESTROYS}\b"
    rf"|\b(?:and|then|or|to|,)\s+{_REACHES}\b"
)
"""In a step even what is not told to do, since it speaks of doing it."""
_LOOKING = """
    see look check read compare count list find watch inspect measure trace review examine query
    search identify view wait learn match follow sample plot graph profile select show explain
    do not never
"""
_LOOKS = frozenset({*_LOOKING.split(), shell.READS})
_STATING = """
    a an the this that these those its their it they there which what who whose whether how where
    why each every no
"""
_GOES_ON = frozenset(_STATING.split())
"""A statement, or a part of a sentence, may begin with one of these; a command does not."""
_LEADS = frozenset({"and", "or", "then", "also", "first", "next", "now", "on", "again", "run"})
_CONFIRMS = re.compile(r"\bconfirm (?=(?:that|whether|which)\b)")
"""Makes sure; without such a word it agrees to something."""
_CLAUSE = re.compile(r"(?:[.;:!?]|,? \bthen\b| - )\s+")
_OPENS = "\"'`([- "


def only_looks(step: str) -> bool:
    """Whether a step of plain text changes nothing and shows no secret: it begins with a verb that
    looks, or a command that reads, and so does each of its clauses; nothing speaks of more."""
    plain = shell.plainly(step)
    sure = _CONFIRMS.sub("see ", plain)
    first, *others = (clause for clause in _CLAUSE.split(sure) if clause)
    if not _begins(first, _LOOKS) or not all(_begins(one, _LOOKS | _GOES_ON) for one in others):
        return False
    return not (_acts(plain) or _ANYWHERE.search(plain) or _shows_a_secret(plain))


def acts(said: str) -> bool:
    """Whether a text tells people to do something, or holds a command or a statement to a database
    that does more than read."""
    return _acts(shell.plainly(said))


def _acts(plain: str) -> bool:
    return shell.runs(plain) or bool(_TELLS.search(plain))


def _shows_a_secret(plain: str) -> bool:
    return bool(_PRIVATE.search(plain) or _SECRET.search(_TOLD.sub("", plain)))


def _begins(clause: str, words: frozenset[str]) -> bool:
    """Whether it begins with one of these."""
    said = [word for word in clause.lstrip(_OPENS).split() if word not in _LEADS]
    return not said or said[0].strip("\"'`,.()") in words
