"""Who a person is: the names of users, and the day of birth."""

import re

from bot.core.redaction.names import is_store
from bot.core.redaction.rule import (
    KEY_OF_ROW,
    KEY_OF_ROW_SIGN,
    NOT_YET,
    SAFE,
    SPACE,
    VALUE,
    VALUE_SIGN,
    WORD,
    WORD_BEGINS,
    after,
    rule,
)

_BIRTH = (
    r"(?:dob|birth[ _-]?da(?:y|te)|date[ _-]?of[ _-]?birth|born(?:[ ]on)?"
    r"|geb(?:urtsdatum|oren(?:[ ]am)?|oortedatum)|n[eé]e?[ ]le|date[ _]de[ _]naissance"
    r"|fecha[ _]de[ _]nacimiento|geb\.|nat[oa][ ]il|nacid[oa][ ]el|nascid[oa][ ]em"
    r"|data[ _](?:di[ _]nascita|de[ _]nascimento|urodzenia)|f[öo]delsedatum"
    r"|生年月日|出生日期|생년월일|дата[ _]рождения)"
)
_NAME = (
    r"(?:(?:first|last|full|sur|given|family|display|real|contact|recipient|nick|screen|legal|patient"
    r"|passenger|guest|beneficiary|payee|employee)[_.-]?name"
    r"|(?:card|account)[_.-]?holder(?:[_.-]?name)?)"
)
_KEY = (
    r"(?:user(?:[_.-]?(?:name|id))?|login|uname|uid|account[_.-]?name|samaccountname|principal(?:[_.-]?name)?"
    r"|userprincipalname|employee[_.-]?(?:id|no|number)|actor[_.-]?(?:id|name)|(?:created|updated|modified"
    rf"|changed|deleted|approved|requested|submitted|performed|invited)[_.-]?by|{_NAME})"
)
_COLUMN = re.compile(rf"(?i)(?<![a-z]){_KEY}(?![a-z])")
_ROLE = r"(?:user(?:[ _-]?name)?|login|role|author|employee|operator|admin)"
_SPOKEN = r"(?:[Uu]ser(?:name)?|[Ll]ogin(?:[ ](?:by|for|from|of))?|USER)"
_ANYBODY = (
    r"(?:runner|node|app|ubuntu|root|user|shared|public|default|circleci|vsts|jenkins|build|www)"
)
"""The homes that images and build machines have."""

_NO_PERSON = frozenset((
    "a", "account", "action", "activity", "admin", "administrator", "agent", "agents",
    "already", "an", "and", "anonymous", "apache", "api", "app", "application", "argument",
    "arguments", "attempt", "attempts", "authentication", "authorization", "azureuser",
    "backend", "backup", "bitnami", "blocked", "build", "button", "by", "cache", "can",
    "cancel", "canceled", "cancelled", "cannot", "check", "checks", "ci", "client", "code",
    "command", "connection", "context", "could", "count", "creation", "credential",
    "credentials", "daemon", "data", "database", "default", "defined", "denied", "deploy",
    "deployer", "details", "did", "directory", "disabled", "does", "ec2-user", "email",
    "endpoint", "endpoints", "entries", "entry", "error", "exceeded", "exception", "expired",
    "export", "exports", "failed", "failure", "failures", "false", "field", "field_name",
    "flow", "for", "form", "found", "from", "function", "git", "gitlab-runner", "grafana",
    "group", "guest", "had", "handler", "has", "home", "id", "import", "imports", "in",
    "incorrect", "info", "information", "input", "install", "interface", "invalid", "is",
    "jenkins", "jovyan", "kafka", "key", "keys", "limit", "link", "list", "locked", "logged",
    "login", "lookup", "lookups", "may", "method", "might", "migration", "migrations",
    "missing", "mode", "model", "module", "mongodb", "monitor", "monitoring", "must", "mysql",
    "name", "named", "names", "needs", "nginx", "nil", "nobody", "node", "none", "not", "null",
    "object", "on", "option", "options", "or", "page", "pages", "parameter", "parameters",
    "password", "permission", "permissions", "policy", "postgres", "preferences", "process",
    "profile", "program", "prometheus", "prompt", "provider", "quota", "rabbitmq", "readonly",
    "record", "redis", "registration", "replication", "replicator", "request", "required",
    "response", "responses", "role", "roles", "root", "route", "runner", "sa", "scheduler",
    "screen", "script", "server", "service", "session", "sessions", "settings", "shell",
    "should", "space", "state", "status", "store", "success", "sync", "system", "table",
    "tables", "test", "the", "thread", "timeout", "to", "token", "true", "type", "ubuntu",
    "undefined", "unknown", "uri", "url", "user", "username", "vagrant", "value", "variable",
    "was", "web", "webapp", "will", "window", "with", "worker", "would", "www", "www-data",
))  # fmt: skip
"""What stands after `user` and is nobody: accounts of the system and of programs, as packages and
images name them, and the words of errors."""
_PROGRAM = re.compile(
    r"(?:[a-z0-9]{1,24}-){1,6}(?:agent|bot|client|controller|exporter|operator|proxy|scheduler"
    r"|server|service|worker)"
)
"""A program that has an account: `kube-apiserver-kubelet-client`."""
_FRAME = re.compile(
    r"\"[,}]| (?:from|logged|failed|is not|has no|does not|cannot|was|by|at|on|lacks|has been"
    r"|not (?:found|allowed|authori[sz]ed))\b|$"
)


def _is_person(found: re.Match[str]) -> bool:
    """Nor is an account that Kubernetes made: system:serviceaccount:shop:deployer."""
    secret = found["secret"].strip(".").casefold()
    return not (
        secret in _NO_PERSON
        or secret.startswith("system:")
        or _PROGRAM.fullmatch(secret)
        or is_store(found)
    )


def _is_spoken_of(found: re.Match[str]) -> bool:
    """In a sentence a name shows by a digit, a dot or an underscore, or by what frames it; what a
    command logs in to is a host: `docker login registry.corp.example`."""
    secret = found["secret"].strip(".")
    is_host = found[0][:6] == "login " and secret.count(".") > 1 and "@" not in secret
    if is_host or not _is_person(found):
        return False
    following = found.string[found.end() : found.end() + 24]
    return re.search(r"[\d._@]", secret) is not None or (
        _FRAME.match(following) is not None
        and secret.islower()
        and not secret.endswith(("ing", "ed", "tion", "ment"))
    )


RULES = (
    rule(
        "date-of-birth",
        "a date after a name for it: alone, a date is anything",
        rf"""(?i){WORD_BEGINS}{_BIRTH}\\?[\"']?{VALUE}
            (?P<secret>\d{{1,4}}[-./ ]\w{{1,9}}[-./ ]\d{{2,4}})""",
        sign=rf"(?i){_BIRTH}{VALUE_SIGN}\d{{1,4}}[-./ ]",
    ),
    rule(
        "user",
        "a whole name without quotation marks: words with capitals after a key that means a name",
        rf"""(?<![A-Za-z])(?i:{_NAME}|customer[_.-]?name)\s{{0,2}}[:=]\s{{0,2}}
            (?P<secret>[A-Z][\w'’.-]{{1,30}}(?:[ ][A-Z][\w'’.-]{{1,30}}){{1,4}})""",
        sign=rf"(?i)(?:{_NAME}|customer[_.-]?name){SPACE}{{0,2}}[:=]",
    ),
    rule(
        "user",
        "name=value, name: value, {'name': 'value'}",
        rf"""(?i)(?<![a-z]){_KEY}(?<!uid(?!=[a-z]))\\{{0,4}}[\"']?\]?\s{{0,2}}(?:=>|[:=])\s{{0,2}}
            (?:\\{{0,4}}[\"']|(?<=[:=]))(?!:|{SAFE})(?:[A-Z][A-Z0-9-]{{1,14}}\\{{1,2}}(?=[a-z]))?
            (?P<secret>(?<=[\"'])[^\"'\\\n<>]{{2,64}}(?=\\{{0,4}}[\"'])
                |(?<![\"'])[^\s\"'&,;()\[\]{{}}<>\\=]{{2,64}})""",
        sign=after("A-Za-z") + rf"(?i){_KEY}[\\\"'\]]{{0,6}}{SPACE}{{0,2}}[:=]{NOT_YET}",
        confirms=_is_person,
    ),
    rule(
        "user",
        "name: first_last, where a blank alone would be prose",
        rf"""(?<![A-Za-z])(?i:{_KEY}):[ ](?P<secret>[a-z]{{2,20}}[._][a-z]{{2,30}}\d{{0,4}})
            (?=$|[\s,;)\]])""",
        sign=after("A-Za-z") + rf"(?i:{_KEY}): [a-z]{{2,20}}[._]",
        confirms=_is_person,
    ),
    rule(
        "user",
        "a sentence: user 'name'",
        rf"""(?i)\b{_ROLE}[ ](?:named?[ ]|called[ ])?\\{{0,4}}[\"'`](?!{SAFE})
            (?P<secret>[^\s\"'`\\<>]{{2,64}})\\{{0,4}}[\"'`]""",
        sign=rf"(?i)\b{_ROLE} (?:named? |called )?[\\\"'`]",
        confirms=_is_person,
    ),
    rule(
        "user",
        "a sentence: user name logged in",
        rf"""\b{_SPOKEN}[ ](?!{SAFE})(?P<secret>[A-Za-z][\w.@+-]{{1,40}}[A-Za-z0-9])
            (?=$|[ ,;:)\]'\"])""",
        sign=rf"\b{_SPOKEN} [A-Za-z]",
        confirms=_is_spoken_of,
    ),
    rule(
        "user",
        "who logged in or became root, as sshd and sudo write it",
        rf"""(?:\b(?:Accepted|Failed|Postponed|Partial)[ ][\w/-]{{4,30}}[ ]for[ ]
            (?:(?:invalid|illegal)[ ]user[ ])?(?!{SAFE})(?P<secret>[\w.@+-]{{2,64}})(?=[ ]from[ ])
            |\bsudo(?:\[\d{{1,7}}\])?:[ ]{{1,12}}(?!{SAFE})
                (?P<bare>[\w.@+-]{{2,64}})(?=[ ]:[ ]))""",
        sign=r"\b(?:Accepted|Failed|Postponed|Partial) \S+ for |\bsudo(?:\[\d+\])?: ",
        confirms=lambda found: (found["secret"] or found["bare"]).casefold() not in _NO_PERSON,
    ),
    rule(
        "date-of-birth",
        "the same where it was refused, before the way to its field, as Jackson has it",
        rf"""\bfrom[ ][Ss]tring[ ]\\{{0,4}}\"(?P<secret>\d{{1,4}}[^\"\\\n<]{{4,24}})\\{{0,4}}\"
            [^\n]{{1,400}}?(?:\n[^\n]{{0,400}}?)?\(through[ ]reference[ ]chain:[ ][^\n()]{{0,400}}?
            \[\\{{0,4}}\"(?i:\w{{0,40}}?{_BIRTH})\\{{0,4}}\"\]\)""",
        sign=r"\(through reference chain: ",
    ),
    rule(
        "user",
        "who asks, in a URL without a password: https://ann@git.internal; not before a version",
        rf"""(?i)\b[a-z][a-z0-9+.-]{{1,19}}://(?!{SAFE})(?P<secret>[\w.+%-]{{2,64}})
            (?=@(?!sha\d{{3}}:|v?\d{{1,4}}(?:\.\d{{1,4}}){{0,2}}(?![\w.]))[a-z0-9\[<])""",
        sign=rf"://(?:{WORD}|[.+%-])+@",
        confirms=_is_person,
    ),
    rule(
        "user",
        "who asked, as servers of HTTP log it (NCSA's common format): - ann [22/Nov/2026:",
        rf"""[ ]-[ ](?!-[ ]|{SAFE})(?P<secret>[^\s\"\[\]<>]{{2,64}})[ ]
            \[\d{{2}}/[A-Z][a-z]{{2}}/\d{{4}}:\d\d:""",
        sign=r" - \S+ \[\d\d/",
        confirms=_is_person,
    ),
    rule(
        "user",
        "the values of a key in a column for a person's name, as PostgreSQL has it",
        KEY_OF_ROW,
        sign=KEY_OF_ROW_SIGN,
        confirms=lambda found: _COLUMN.search(found["columns"]) is not None,
    ),
    rule(
        "user",
        'the name of somebody in an object: {"user": {"name": "..."}}',
        rf"""(?i)\\{{0,4}}\"(?:user|author|employee|patient|actor)\\{{0,4}}\":\s?\{{[^{{}}\n]{{0,300}}?
            (?<=[{{,\s])\\{{0,4}}\"name\\{{0,4}}\":\s?\\{{0,4}}\"(?!{SAFE})
            (?P<secret>[^\"\\\n<>]{{2,64}})\\{{0,4}}\"""",
        sign=rf"(?i)(?:user|author|employee|patient|actor)\\*\":{SPACE}?\{{",
        confirms=_is_person,
    ),
    rule(
        "user",
        "a patient, next of kin, guarantor or insured of a message of HL7, version 2",
        rf"""(?<![\w|])(?:PID|NK1|GT1|IN1)\|[^|\r\n\\]{{0,8}}\|(?!{SAFE})
            (?P<secret>(?=[^\r\n]{{0,512}}[\^|])[^\r\n\\]{{8,2048}})""",
        sign=after(r"\w|") + r"(?:PID|NK1|GT1|IN1)\|[^|]*\|",
    ),
    rule(
        "user",
        "somebody of a domain of Windows: CORP\\ann",
        r"""(?<![\w\\/.:-])(?!(?:HKEY?\w{0,24}|NT|BUILTIN|SOFTWARE|SYSTEM|REGISTRY|WINDOWS)\\)[A-Z][A-Z0-9-]{1,14}
            \\{1,2}(?P<secret>[a-z][a-z.]{2,30}\d{0,4})(?![\w\\.:(-])""",
        sign=r"[A-Z0-9-]\\+[a-z][a-z.]",
        confirms=lambda found: _is_person(found) and found["secret"][0] not in "nrtbu",
    ),
    rule(
        "user",
        "the home of a person, on Linux, macOS and Windows",
        rf"""(?:/home/|/Users/|\\Users\\{{1,4}})(?!{SAFE})
            (?P<secret>(?!{_ANYBODY}\b)[A-Za-z][\w.-]{{1,40}})(?=[/\\:\"'\s,;)]|$)""",
        sign=r"(?:/home/|/Users/|\\Users\\+)[A-Za-z]",
        confirms=_is_person,
    ),
)
