"""What a text must not do to those who read it: mislead them, expose us, or wake anybody."""

import re
from functools import lru_cache

_DATA = (
    r"(?:data|rows?|records?|tables?|databases?|schemas?|index(?:es)?|volumes?|backups?|logs?|files?"
    r"|director(?:y|ies)|folders?|pvcs?|namespaces?|pods?|users?|accounts?|buckets?|queues?|topics?"
    r"|orders?|customers?|messages?|entries|documents?|collections?|partitions?|snapshots?)"
)
_GUARD = (
    r"(?:authentication|authorization|auth|tls|ssl|certificate|firewall|verification|validation"
    r"|security|selinux|encryption|audit|backups?|alerts?|alerting|monitoring|logging|checks?)"
)
_CONFIDENTIAL = r"(?:credentials?|passwords?|secrets?|tokens?|(?:api|private|access) keys?)"
_SERVICES = (
    r"(?:(?:systemctl|supervisorctl|pm2|docker|podman|docker-compose)"
    r"(?:\s+(?:-\S+|compose|container)){0,3})"
)
_BEFORE = 40
"""As many characters before it may be a warning."""
_DANGEROUS = re.compile(
    "|".join(
        (
            # deletes
            r"\brm\s+-|-exec\s+rm\b|\bxargs\s.{0,80}\brm\b",
            r"\brmdir\s+/s|\bdel\s+/[a-z]|\bunlink\s+/|\bfind\b.{0,80}-delete\b",
            rf"\b(?:drop|truncate|wipe|purge|erase|destroy)\s+(?:\w+\s+){{0,3}}{_DATA}\b",
            rf"\b(?:delete|remove)\s+(?:\w+\s+){{0,3}}{_DATA}\b|\bdelete\s+from\b",
            r"\bupdate\s+\S+\s+set\s+[^\s=]+\s*=|\binsert\s+into\b|\bdown\s+(?:-v|--volumes)\b",
            r"\btruncate\s+\w+|\bdropdatabase|\.drop\(|\bflush(?:all|db)\b|\bxtrim\b",
            r"\bkubectl\s+(?:delete|drain|replace\s+--force)|\bhelm\s+(?:uninstall|delete)",
            r"\bterraform\s+destroy|\bdocker\s+(?:system\s+prune|volume\s+rm|rm\s+-f)",
            r"\baws\s+\S+\s+(?:\S+\s+)?(?:delete|terminate|rb|rm)\b|\bgsutil\s+(?:-m\s+)?rm\b",
            r"\bmkfs|\bdd\s+if=|\bfdisk\b|\bwipefs|\bshred\b|>\s*/(?:etc|dev/(?:sd|nvme|disk))",
            r"\bformat\s+[a-z]:|\bgit\s+(?:push\s+(?:-f|--force)|reset\s+--hard|clean\s+-)",
            # runs what somebody else wrote
            r"\|\s*(?:sudo\s+)?(?:ba|z|da|k)?sh\b",
            r"\|\s*(?:sudo\s+)?(?:python\d?|perl|ruby|node|powershell|pwsh|iex)\b",
            r"\b(?:python\d?|perl|ruby|node|php)\s+-[cer]\b",
            r"\b(?:ba|z)?sh\s+(?:-c\s+)?[\"'<$(]|\beval\s*[\"'`$(]|\biex\b|\binvoke-expression",
            r"\bbase64\s+(?:-d|--decode)|\b(?:curl|wget)\b.{0,200}(?:://|\w\.\w{2,}/)|\bnc\s+.{0,80}-e\b",
            r"\b(?:download|fetch)\s+and\s+(?:run|execute)|\bpip3?\s+install\b|\bnpm\s+i(?:nstall)?\b",
            # stops, opens
            rf"\b{_SERVICES}\s+(?:stop|kill|disable|mask|down|rm)\b|\bservice\s+\S+\s+stop\b",
            r"--(?:replicas|desired-count|desired-capacity)[\s=]+0\b",
            r"\b(?:scal(?:e|ing)\b.{0,60}|(?:replicas?|instances?|workers?)\s+)to\s+(?:0(?![\d.])|zero\b)",
            r"\b(?:kill|pkill|killall)\s+-(?:9|s?kill)|\bshutdown\s+(?:-|now|/)|\breboot\b|\binit\s+0",
            r"\bchmod\s+(?:-r\s+)?(?:[0-7]?777|a\+|o\+)|\bchown\s+-r|\bsetenforce\s+0|\bufw\s+disable",
            r"\biptables\s+-f|--force\b|--no-verify\b|--insecure\b|--no-check-certificate|\bgrant\s+all",
            r"verify\s*=\s*false|sslmode=disable|insecureskipverify|tls_reject_unauthorized",
            rf"\b(?:disable|switch\s+off|turn\s+off|bypass|skip|ignore)\s+(?:\w+\s+){{0,3}}{_GUARD}\b",
            r"\bset\s+\S*(?:auth|tls|ssl|verif|secur|encrypt)\S*\s*(?:=|to)\s*(?:false|off|none|0)\b",
            r":\(\)\s*\{",
            # gives away, or decides in our name
            rf"\b(?:send|forward|reveal|disclose|e-?mail|post|paste|share|publish|upload|enter|tell)\s+(?:\w+\s+){{0,4}}{_CONFIDENTIAL}\b",
            r"\b(?:mute|silence|close|resolve)\s+(?:this|the|all)\s+(?:\w+\s+)?(?:alerts?|signatures?|errors?)",
            r"\bignore\s+(?:all\s+|any\s+)?(?:previous|prior|earlier|above)\b",
        )
    )
)


_WARNING = re.compile(
    r"\b(?:(?:do|must|should|may|can)\s+not|don['’]t|mustn['’]t|shouldn['’]t|never|avoid)\s+"
    r"(?:(?:ever|just|simply|blindly|yet|try\s+to|run|use|execute)\s+)?[\"'`]?$"
)
"""What stands right before that of which people are warned."""


@lru_cache(maxsize=256)
def is_dangerous(said: str) -> bool:
    """Whether a line of plain text tells people what nobody should do because a model said so: it
    writes or deletes data, runs code from elsewhere, stops, opens, gives away, or decides. What it
    warns of is no harm."""
    text, at = said.lower(), 0
    while found := _DANGEROUS.search(text, at):
        if not _WARNING.search(text, max(0, found.start() - _BEFORE), found.start()):
            return True
        at = found.start() + 1
    return False


_ALL_CLEAR = re.compile(
    r"\b(?:all|everything)\s+(?:is|are|was|works?|runs?)\s+(?:\w+\s+)?"
    r"(?:well|fine|ok(?:ay)?|good|healthy|normal(?:ly)?)\b"
    r"|\b(?:nothing|nobody|no one)\b.{0,30}\b(?:to do|do anything|act|needed|required|wrong)\b"
    r"|\bno (?:action|steps?|problem|incident|harm)\b|\bfalse alarm\b|\ba drill\b"
)


def is_all_clear(said: str) -> bool:
    """Whether a text says that nothing happened, or that nobody needs to act."""
    return bool(_ALL_CLEAR.search(said.lower()))


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
