"""How bad a message says that it is, where no header does."""

import re

from bot.core.event import Severity
from bot.sources import spelling

_SAID = (
    "debug|dbug|trce|trace|info|notice|warning|warn|error|err|fail|fatal|critical|crit|alert"
    "|emerg|panic"
)
_SPOKEN = re.compile(
    rf"""
      (?P<warning>(?:\S{{1,300}}:\d{{1,9}}:[ ]|\(node:\d{{1,9}}\)[ ](?:\[\w{{1,20}}\][ ])?)
            (?!UnhandledPromise)\w{{0,80}}Warning:)
    | (?:PHP[ ])?(?:(?P<php_error>(?i:(?:Recoverable[ ])?Fatal[ ]error|Parse[ ]error))
        | (?P<php_info>Notice|Deprecated|Strict[ ]Standards)
        | (?P<said>(?i:{_SAID})):(?=\s))
    | <(?P<priority>[0-7])>
    | (?:\[[^\[\]\n]{{1,80}}\][ ])?(?:\[(?P<bracketed>(?i:{_SAID}|severe))\]
        | (?P<column>{_SAID.upper()}|SEVERE)(?=[\s:|]))
    | (?:[\w.@-]{{1,40}}=(?:"[^"\n]{{0,200}}"|[^\s"]{{0,80}})[ ]){{0,5}}
        (?:level|lvl|severity)=["']?(?P<field>[a-zA-Z]{{1,20}})\b
    """,
    re.VERBOSE,
)
_BY_GROUP = {
    "warning": Severity.WARNING,
    "php_error": Severity.ERROR,
    "php_info": Severity.INFO,
}


def level(message: str) -> Severity | None:
    """The level that a message begins with or has as a field, as of sshd, Postfix, PHP, .NET,
    SLF4J's simple logger, systemd's services, and warnings that Python and Node print."""
    found = _SPOKEN.match(message)
    if found is None:
        return None
    if found["priority"]:
        return spelling.severity(found["priority"], "priority")
    words = found["said"] or found["bracketed"] or found["column"] or found["field"]
    return _BY_GROUP.get(found.lastgroup or "") or spelling.severity(words)
