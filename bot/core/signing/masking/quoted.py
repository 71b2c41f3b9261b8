"""Data that systems quote in their messages: rows, identities, addresses, who logs in."""

import re

from bot.core.signing.masking import rule
from bot.core.signing.masking.pair import ANY, NAME, keeps_value

_TYPES_THAT_SAY = (
    r"(?i:[\w.-]{0,60}(?:error|err|exception|event|failure|fault|reason|cause|alert)[_-])"
)
_JSON_PAIR = re.compile(r"\"([A-Za-z_][\w.-]{0,63})\":( ?)\"([^\"\\]{1,256})\"")


def _mask_json_pair(found: re.Match[str]) -> str:
    key, gap, value = found.groups()
    says = keeps_value(key, value) and not _TYPE_OF_A_PART.fullmatch(key)
    return found[0] if says or re.fullmatch(ANY, value) else f'"{key}":{gap}"<value>"'


_TYPE_OF_A_PART = re.compile(rf"(?!{_TYPES_THAT_SAY})[\w.-]{{1,60}}[_-](?:type|kind)")


_PARAMETERS = "[parameters: "
_SOMEBODY = r"(?:<(?:id|name|value)>|(?<![\w.+@<>/-])[\w.+-]{1,64})"
_CAPITAL = r"(?:[A-Z&(-]|<(?:num|id|time)>)(?:[\w.()&'-]|<(?:num|id|time)>){0,60}"
_RULES = rule.table(
    # PostgreSQL, MySQL, MongoDB and SQL Server name the row that breaks a constraint
    ("Key (", r"\bKey \(([^()]{1,300})\)=\([^()]{0,300}\)", r"Key (\1)=(<value>)"),
    (
        "Failing row contains (",
        r"\bFailing row contains \(.{0,4000}\)",
        "Failing row contains <value>",
    ),
    (
        "Duplicate entry '",
        r"\bDuplicate entry '[^']{0,300}' for key",
        "Duplicate entry <value> for key",
    ),
    ("dup key: {", r"\bdup key: \{[^{}]{0,300}\}", "dup key: <value>"),
    (
        "duplicate key value is (",
        r"\bduplicate key value is \([^()]{0,300}\)",
        "duplicate key value is <value>",
    ),
    # what stands beside an exception in the context that Monolog writes behind a message
    (
        ',"exception":"[object] (',
        (
            r"\{(?:\"[\w.-]{1,64}\":(?:\"(?:[^\"\\]|\\.){0,400}+\"|[^\",{}\[\]]{1,64}),){1,16}+"
            r"(?=\"exception\":\"\[object\] \()"
        ),
        "{",
    ),
    # a document may have blanks in its name, and is named by whoever wrote it
    (
        "<path> ",
        (
            rf"<path>(?: {_CAPITAL}){{0,8}} (?:<file>|(?:{_CAPITAL})?\.(?i:pdf|docx?|odt|rtf|xlsx?"
            r"|pptx?|csv|txt|png|jpe?g|gif|webp|heic|svg|zip|mov|mp0))$"
        ),
        "<path>",
    ),
    # the identity of a package of Windows: name~key~architecture~language~version
    ("~", r"(?<![^\s\"'(=])[^\s~,;\"'()=]{1,200}(?:~{1,2}[^\s~,;\"'()]{1,64}){2,5}", "<id>"),
    # what the first stage took a part of a path or an address for
    (
        "<path><|<path>/",
        r"<path>(?:<(?:time|num|id|file|path|uuid|hex|mac|ip|host)>|/[\w.@%+-]{1,128}){1,8}",
        "<path>",
    ),
    # the type of a part is data, that of what happened is not
    *(
        (
            f"{word}=",
            rf"\b(?!{_TYPES_THAT_SAY})([A-Za-z][\w.]{{0,60}}[_-]{word})=[\w.-]{{1,128}}",
            r"\1=<value>",
        )
        for word in ("type", "kind")
    ),
    # what there is one of each day is named by who runs it; so is who has an address
    ("<time>", r"(?<![\w<>])[A-Za-z][\w.]{0,64}[-_]<time>", "<name>"),
    ("*.<host>", r"(?<![\w.])\*\.<host>", "<host>"),
    ("/<ip>", r"(?<![\w/.-])[\w.@-]{1,64}/<ip>", "<host>"),
    # a host before its address, as Postfix has them; and a place in PostgreSQL's journal
    ("[<ip>", rf"(?:{ANY}|[\w.-]{{1,128}})\[<ip>\]?", "<host>"),
    ("localhost", r"(?<![\w.@/-])localhost(?![\w.-])", "<host>"),
    # somebody at a host is one, whatever the host looks like: rabbit@hare-2, 'app'@'localhost'
    ("@<", rf"{_SOMEBODY}@<(?:id|host)>(?![\w.])", "<email>"),
    ("@localhost", rf"{_SOMEBODY}@localhost(?![\w.-])", "<email>"),
    ("@", rf"(?<=['\"`]){_SOMEBODY}@[A-Za-z][\w-]{{0,62}}(?=['\"`])", "<email>"),
    ("@", r"(?<=['\"`])[\w.+-]{1,64}(?=(['\"`])@\1)", "<user>"),
    ("@", r"(?<=['\"`]@['\"`])[\w.%-]{1,128}(?=['\"`])", "<host>"),
    # 12 to 16 bytes in Base64 without a digit, as Dovecot names sessions
    (
        "<",
        (
            r"<(?=[\w+/-]{16,22}>)(?:(?=\w*[_+/-])(?=(?:[\w+/-]*?[a-z][A-Z]){2})"
            r"|(?=(?:\w*?[a-z][A-Z]){4}))[\w+/-]{16,22}"
        ),
        "<<id>",
    ),
    # who ran what, as cron, sudo and su say it; the kernel, when a file system was found broken
    (
        ") ",
        rf"^\({NAME}\) ([A-Z][A-Z ]{{2,30}}) \((?:(?:cron)?tabs/)?{NAME}\)$",
        r"(<user>) \1 (<user>)",
    ),
    (") ", rf"^\({NAME}\) (?=[A-Z][A-Z ]{{2,30}} \()", "(<user>) "),
    ("(<user>) CMD", r"^(\(<user>\) CMD(?:END)?) \(.{1,1000}\)$", r"\1 (<value>)"),
    (
        " ; COMMAND=",
        (
            rf"^{NAME} : "
            r"(?=(?:[^;=]{1,80} ; )?(?:[A-Z]{2,16}=[^;]{0,500} ; ){1,8}COMMAND=)"
        ),
        "<user> : ",
    ),
    (" ; COMMAND=", r" ; COMMAND=\S.{0,2000}", " ; COMMAND=<value>"),
    ("su for ", rf"\bsu for {NAME} by {NAME}", "su for <user> by <user>"),
    ("(to ", rf"\(to {NAME}\) {NAME} on\b", "(to <user>) <user> on"),
    ("(uid=", rf"\b(user|by) {NAME}\(uid=", r"\1 <user>(uid="),
    ("comm ", r"\bcomm [^\s:]{1,32}:", "comm <value>:"),
    ("User Slice of ", rf"\bUser Slice of {NAME}", "User Slice of <user>"),
    (
        "ame: |omain: ",
        rf"\b((?:[Uu]ser|[Aa]ccount|[Ww]orkstation) (?:[Nn]ame|[Dd]omain)): {NAME}(?=$|[\s,;])",
        r"\1: <user>",
    ),
    ("<mac> (", r"(?<=<mac>) \([^\s()]{1,64}\)", ""),
    # what a browser says it is
    ("; ", r"\"<path> \([^\"()]{1,200}; [^\"]{0,400}\"", '"<value>"'),
    # the namespace of what has an id, or a lease; the tag of an image
    ("/<id>", r"(?<![\w/.<>-])[a-z][a-z0-9-]{0,62}/<id>(?![\w/<])", "<id>"),
    (
        "/",
        (
            r"\b([Pp]od|[Ll]ease|lock|[Ee]ndpoints?) "
            r"[a-z][a-z0-9-]{0,62}/[a-z][\w.-]{0,252}(?=$|[\s,;:)\]])"
        ),
        r"\1 <name>",
    ),
    ("<path>:latest", r"(?<=<path>):latest\b", ""),
    ("hostname unknown", r"\bhostname unknown\b", "hostname <host>"),
    ("'<email>", r"(?:<value>|[\w.+-]{1,64})'<email>", "<email>"),
    ("/<", r"(?<![\w/])[A-F]{1,8}/<(?:id|num)>", "<id>"),
    (".<url>", r"(?<![\w.-])[A-Za-z][\w.-]{0,128}\.<url>", "<url>"),
    # whoever logs in, as databases and directories quote them
    (
        " \"| '",
        r"\b([Uu]ser(?:name)?|[Rr]ole|[Ll]ogin|[Pp]rincipal)(:?) ([\"'])[^\"'<>]{1,64}\3",
        r"\1\2 \3<user>\3",
    ),
)
"""Since version 2."""


def mask(masked: str) -> str:
    """The text of the first stage without what a system quotes in it."""
    if '"/"' in masked:
        masked = masked.replace('"/"', '"<path>"')
    if '":' in masked:
        masked = _JSON_PAIR.sub(_mask_json_pair, masked)
    if _PARAMETERS in masked:
        masked = _mask_parameters(masked)
    return rule.apply(_RULES, masked)


def _mask_parameters(masked: str) -> str:
    """SQLAlchemy ends its messages with the parameters of the statement, and a link."""
    before, _, after = masked.partition(_PARAMETERS)
    _, closed, rest = after.rpartition("]")
    return f"{before}{_PARAMETERS}<value>{closed}{rest}"
