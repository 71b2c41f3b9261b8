"""The second stage of masking: what is recognised by the words around it."""

import re

from bot.core.signing.masking import (
    dated,
    former,
    quoted,
    rendered,
    repeated,
    request,
    rule,
    unread,
)
from bot.core.signing.masking.pair import ANY, NAME, keeps_value, mask_pair, means
from bot.core.signing.masking.rule import Rule

_UNIT = (
    r"(?:[kKMGTP]i?[bB]?|[bB]ytes?|B|ns|us|µs|ms|msecs?|milliseconds?|microseconds?"
    r"|secs?|seconds?|s|mins?|minutes?|"
    r"hours?|hrs?|days?|[MGk]?[Hh]z|pages?|%|[MGk]?bps)"
)
_MEASURE = (
    r"(?:[kKMGTP]i?[bB]|B|[bB]ytes?|[nuµm]?s|m?secs?|seconds?|mins?|minutes?|hours?|hrs?|days?|%)"
)
_PROSE = (
    r"unknown|not|is|was|has|had|does|did|cannot|can|could|with|and|or|from|for|by"
    r"|to|in|on|the|a|an|id|name"
)
_PROSE_OF_2 = (
    r"names?|ids?|agent|data|details|errors?|groups?|input|limit|list|lookup|login|logon|logout"
    r"|still|also|now|never|but|who|since|because|before|after|until|while|when|if|that|this|which"
    r"|context|module|prompt|screen|form|flow|slice|interface|domain|update|delete|create|cache"
    r"|store|storage|manager|query|quota|balance|table|info|object|record|status|state|role|keys?"
    r"|database|index|code|pool|process|thread|directory|home|files?|path|server|client"
    r"|action|attributes?|buffer|chunk|code|commands?|config|configuration|defined|directive|event"
    r"|experience|field|function|handler|header|images?|lock|memory|message|mode|namespace|options?"
    r"|preferences?|program|propert(?:y|ies)|script|space|stack|tables?|threads?|view"
    r"|accounts?|entry|entries|may|might|must|needs?|policy|should|will|would"
    r"|attempts?|access|checks?|given|pages?|profile|requests?|roles?|rights|service|settings|sessions?|success"
    r"|timeout|token|too|type|already|unable|invalid|\w{1,40}(?:ed|ing|tion|ure|ment|ance)"
)
"""Since version 2: "login failed" and "user lookup" name nobody."""
_PROSE_SINCE_2 = rf"(?i:{_PROSE}|{_PROSE_OF_2})\b"


def _sentences(prose: str) -> tuple[Rule, ...]:
    """What is recognised by the words around it; `prose` is what names nobody after "user"."""
    return rule.table(
        ("<num>", rf"(<num>) ?{_UNIT}(?![\w])(?: \(<num>(?: ?{_UNIT})?\))?", r"\1"),
        ("<<num>", r"<(<num>)", r"\1"),
        (
            "ser |sername |ogin |ccount |uid |Uid ",
            (
                rf"(?<![\w-])([Uu]ser(?:name)?|[Ll]ogin|[Aa]ccount|[Uu]id) (?!{prose})(?:{NAME})"
                rf"(?=$|[ ,;.:()\]'\"])"
            ),
            r"\1 <user>",
        ),
        (" from <", rf"\bfor (?!{prose})(?:{NAME}) from (?=<)", "for <user> from "),
        (" for ", rf"\b(failures?|attempts?) for (?!{prose})(?:{NAME})(?=$| \[)", r"\1 for <user>"),
        ("> (", rf"({ANY}) \((?:{ANY})?\)", r"\1"),
    )


_QUOTED_NAME = (
    r"([Gg]roup|[Tt]opic|[Qq]ueue|[Bb]ucket|[Nn]amespace|[Pp]od|[Ss]lot|[Dd]atabase|db|[Cc]hannel"
    r"|[Ss]tream|[Cc]onsumer|[Pp]ublication|[Ss]ubscription|[Tt]ablespace|[Kk]eyspace|[Vv]host"
    r"|[Pp]roject|[Nn]ode|[Hh]ost(?:name)?|[Ss]erver|[Pp]eer|[Bb]roker|[Rr]eplica"
    r"|[Ii]nstance|[Mm]achine|[Ss]witch|[Pp]rinter|[Cc]lient)"
)
"""What a deployment has many of and names. Not what code names, which tells bugs apart: tables,
columns, constraints, functions."""
_BARE_NAME = r"([Gg]roup|[Tt]opic|[Qq]ueue|[Bb]ucket|[Nn]amespace|[Ss]lot|[Dd]atabase|[Kk]eyspace)"
_NO_NAME = r"(?:auto|closed|dead|in|locked|non|not|off|on|out|over|pre|re|read|self|un|write)[._-]"
"""In "queue re-opened" it is what happened."""
_NO_STATE = (
    r"(?!(?:full|empty|open|ready|dead|down|up|idle|busy|lost|offline|online|error|\w{2,40}ed)"
    r"[\"'`\]])"
)
"""In "queue [full]", too."""
_AT_END = r"(?=$|[\s,;:)\]])"
_SENTENCES_OF_2 = rule.table(
    *(
        (
            f" {mark}",
            rf"\b{_QUOTED_NAME}(:?) {mark}{_NO_STATE}[^\"'`<>]{{1,128}}{mark}",
            rf"\1\2 {mark}<name>{mark}",
        )
        for mark in "\"'`"
    ),
    (" [", rf"\b{_QUOTED_NAME}(:?) \[{_NO_STATE}[^\[\]<>\s]{{1,128}}\]", r"\1\2 [<name>]"),
    (
        "roup |opic |ueue |ucket |amespace |lot |atabase |eyspace ",
        (
            rf"\b{_BARE_NAME} (?!{_NO_NAME})[a-z][a-z0-9]{{0,40}}"
            rf"(?:[._-][a-z0-9]{{1,40}}){{1,8}}{_AT_END}"
        ),
        r"\1 <name>",
    ),
    (
        " (| [| `",
        (
            rf"\b([Uu]ser(?:name)?|[Ll]ogin|[Aa]ccount) ([\[(`])(?!{_PROSE_SINCE_2}){NAME}"
            r"(?=[\])`])"
        ),
        r"\1 \2<user>",
    ),
    (
        "ser <|sername <|ogin <|ccount <",
        r"\b([Uu]ser(?:name)?|[Ll]ogin|[Aa]ccount) <[^<>\s]{1,64}>",
        r"\1 <user>",
    ),
    # a path with blanks in it, where quotation marks say where it ends
    (
        "<path> ",
        (
            r"(?<=[\"'])<path>(?: [\w.,&()<>'-]{1,64}){1,12}"
            r"(?:/[^\"'<>:]{1,128}|\.\w{1,5})(?=\\?[\"'])"
        ),
        "<path>",
    ),
    # whatever its domain is called
    (
        "ookup|ost|ENOTFOUND|EAI_AGAIN",
        (
            r"\b([Ll]ookup|[Hh]ost(?:name)?|ENOTFOUND|EAI_AGAIN)(:?) "
            rf"[a-z][a-z-]{{0,63}}(?:\.[a-z][a-z-]{{0,63}}){{1,12}}{_AT_END}"
        ),
        r"\1\2 <host>",
    ),
    # of four parts, which look like an address
    ("ersion", r"\b([Vv]ersion(?: is)?[:=]? ?[\"'(]?)<ip>(?!:)", r"\1<num>"),
    # how much, where the blank after a key's number parts it from its unit
    ("=<value> |=<num> ", rf"(?<==)<(?:value|num)> {_MEASURE}(?!\w)", "<value>"),
    # between marks of its own
    ("#<", rf"#({ANY})#", r"\1"),
    # nginx adds it where there was one
    (", referrer: ", r", referrer: \"[^\"]{0,300}\"", ""),
    # so does Apache, at the end and without quotation marks
    (", referer: ", r", referer: \S{1,512}$", ""),
    # one has no plural, but is a number as any
    (
        "<num> ",
        (
            r"(<num> (?:attempt|block|client|connection|device|document|error|event|failure"
            r"|file|item|job|key|line|member|message|node|object|packet|partition|problem|record"
            r"|replica|request|row|task|test|thread|time|user|warning|worker))s\b"
        ),
        r"\1",
    ),
    (
        "ies",
        (
            r"(<num> (?:batter|boundar|categor|compan|cop|countr|currenc|deliver|dependenc"
            r"|director|entit|entr|factor|histor|inventor|librar|memor|polic|propert|prox|quer"
            r"|registr|repl|repositor|retr|stor|subsidiar|summar|tr|vulnerabilit))ies\b"
        ),
        r"\1y",
    ),
    (
        "es",
        (
            r"(<num> (?:access|address|alias|batch|box|branch|class|crash|dispatch|fetch|hash|index"
            r"|loss|match|mismatch|miss|mutex|patch|process|push|search|switch))es\b"
        ),
        r"\1",
    ),
    # the parameters of a statement, as PostgreSQL logs them
    ("parameters: ", r"parameters: (?:\$\d|<id>) ?= ?.{1,4000}$", "parameters: <value>"),
    # how PostgreSQL locks: the finding is who waits
    ("Lock", r"\b(?:Access|Row|Share|Update|Exclusive){1,4}Lock\b", "<value>"),
    # a list is one however many it has, and if it has none
    (")", r"\b([A-Za-z]\w{1,40}+\([^()]{0,400}\))(?:,? ?\1){1,64}", r"\1"),
    ("[]", r"(?<=[ =:])\[\](?=$|[ ,;)])", "[<value>]"),
)
_SENTENCES = {
    1: former.TIMES + _sentences(rf"(?:{_PROSE})\b"),
    2: _sentences(_PROSE_SINCE_2) + _SENTENCES_OF_2,
}
_QUOTED_PAIR = re.compile(
    r"(?<![\w])([A-Za-z_][\w.-]{0,63})=(\"[^\"]{0,512}\"|'[^']{0,512}'|\[[^\[\]]{0,512}\])"
)
_SPACED_PAIR = re.compile(
    r"(?<![\w=!<>])([A-Za-z_][\w.]{0,63}) ?= ?(?!=)((?:[^\s,;()\[\]{}=\"']|"
    + ANY
    + r"){1,256})(?=$|[\s,;)\]}])"
)
_COLON_PAIR = r"[a-z][\w.]{0,40}: (?:[^\s,;:\"'()\[\]{}]{1,64})"
_COLON_LIST = re.compile(rf"\b{_COLON_PAIR}(?:, {_COLON_PAIR}){{1,32}}(?=$|[,;)\]}}])")
_ONE_COLON = re.compile(r"([a-z][\w.]{0,40}): ([^\s,;:]{1,64})")


def mask(masked: str, version: int) -> str:
    """The text of the first stage, as the rules of a version mask it further."""
    text = rendered.mask(request.mask(quoted.mask(unread.mask(masked)))) if version >= 2 else masked
    if "=" in text:
        text = _QUOTED_PAIR.sub(mask_pair, text)
        text = _SPACED_PAIR.sub(_mask_spaced_pair, text)
    if version >= 2:
        text = dated.mask(rendered.mask_empty(text))
    text = _COLON_LIST.sub(lambda found: _ONE_COLON.sub(_mask_colon_pair, found[0]), text)
    text = rule.apply(_SENTENCES[version], text)
    return repeated.once(text) if version >= 2 else text


def _mask_spaced_pair(found: re.Match[str]) -> str:
    key, value = found.groups()
    kept = keeps_value(key, value) or re.fullmatch(ANY, value)
    return found[0] if kept else f"{key}=<value>"


def _mask_colon_pair(found: re.Match[str]) -> str:
    key, value = found.groups()
    kept = means(key) or re.fullmatch(ANY, value)
    return found[0] if kept else f"{key}: <value>"
