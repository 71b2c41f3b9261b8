"""What a text must not do to those who read it: mislead them, order them about, expose us, or wake
anybody."""

import re

from bot.core.wording import shell

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
    """Whether a text says what is muted, how bad it is, or what those on call did: only the program
    says that."""
    return bool(_OURS.search(said.lower()))


_CONFIDENTIAL = (
    r"(?:passwords?|passphrases?|secrets?|credentials?|(?:api|private|access|account|storage) keys?"
    r"|keyvault|keys list|card numbers?|(?:security|one-time) codes?|cvv|pins?)"
)
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
    r"|free to|(?:fix|remedy|cure|solution|way out|answer) is to|you (?:can|could|may|might)"
    r"(?: want to)?|to (?:\w+ ){1,3}it|(?:tell|ask|get) (?:\w+ ){1,3}to)\s+|[\"'`(]|\d\)\s*|- )"
)
"""What a verb stands after that tells people to do it."""
_TELLS = re.compile(
    rf"{_BEFORE}(?:\w+ly\s+)?{_ACTS}\b(?!\s+(?:of|by (?:the )?peer)\b)"
    r"|\b(?:turn|switch)\s+(?:\w+\s+){0,3}off\b"
    rf"|\b(?:by|try|start|consider|recommend|suggest)\s+{_ACTING}\b"
    rf"|\b(?:should|must|needs? to|has to|have to|ought to|let it) (?:be|get) {_DONE}\b"
    r"|\bscal(?:e|ing)\s.{0,60}\bzero\b"
    r"|\b(?:scal(?:e|ing)\b.{0,60}|(?:replicas?|instances?|workers?)\s+)to\s+(?:0(?![\d.])|zero\b)"
    r"|\bopen\s+(?:\w+\s+){0,3}(?:ports?|firewalls?|access|ingress|security)\b|\b0\.0\.0\.0/0"
    r"|(?:verif|verify|tls|ssl|auth|secur|encrypt)\w*\s*(?:=|:|\bto\b)\s*[\"']?"
    r"(?:false|off|none|no|0|disabled?)\b"
    rf"|\b(?:ask|tell|enter|type|say|give|send|post)\b.{{0,60}}\b{_CONFIDENTIAL}\b"
    r"|(?:^|[.;:!?]\s+|\b(?:you(?: (?:can|could|may|might)(?: want to)?)?|please|should|must"
    r"|(?:needs?|has|have|ought) to)\s+)"
    r"(?:execute|run|use|apply|add|put|rename|try|visit|click|contact|enter|go to|verify|ensure"
    r"|make sure|confirm|inspect|see|look|check)\s+"
    r"(?!of\b|up\b|constraints?\b|fail|again\b|longer\b|\d)"
)


def orders(said: str) -> bool:
    """Whether a text tells people to do something, or holds a command or a statement to a database:
    what to do is said by steps, which are our own."""
    plain = shell.plainly(said)
    return shell.runs(plain) or bool(_TELLS.search(plain))


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
    """The text with no link or mention that works: none leads away, none wakes anybody, and
    removing one makes no other."""
    before = ""
    while said != before:
        before = said
        for pattern, instead in _ALIVE:
            said = pattern.sub(instead, said)
    return said
