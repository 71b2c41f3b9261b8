"""Whether the words of a line tell of a failure, where nothing says how bad it is."""

import re

# What denies a failure, or only speaks of one, is read first, and so is not read as one.
_CALM = r"""
    \b(?:0|no|non|zero|without|any|non-?fatal|corrected|correctable)[ ](?:[a-z]{1,20}[ ])?
        (?:errors?|failures?|failed|exceptions?|panics?|corruptions?)\b
  | \b(?:err|errors?|fail(?:ed|ures?)?|fatal|exceptions?|denied|refused|corrupt(?:ed|ions?)?)["']?
      (?: [ ]?[=:][ ]?["']?0["']?(?![\w.:])
        | =["']?(?:no|none|nil|null|false|ok)?["']?(?=[\s,;)}\]]|$)
        | :[ ]?(?:none|nil|null|false)(?=[ ]?(?:[,;)}\]]|$))
        | =(?:remount|continue|panic)
        | [ ](?:reporting|handl(?:er|ing)|records?|recovery|collector|corrections?|detection|logs?
            |logging|pages?)\b)
  | \b(?:on|upon|in[ ]case[ ]of)[ ](?:any[ ])?(?:errors?|failures?)\b
"""
_ILL = r"""
    (?<![\w.-])(?<!\D/)
    (?: errors? | fail(?:s|ed|ing|ures?)? | fatal | panic(?:ked|king)? | critical | exceptions?
      | traceback | denied | refused | timed[ -]out | time-?out[ ](?:expired|exceeded)
      | can(?:[ ]?not|'t) | could(?:[ ]not|n't) | unable | out[ ]of[ ]memory | oom[-_]\w{1,20}
      | killed[ ]process | seg(?:mentation[ ]|[ ]?)fault | general[ ]protection[ ]fault
      | core[ ]dumped | dumped[ ]core | abort(?:ed|ing) | crash(?:ed|ing)? | deadlock(?:ed)?
      | corrupt(?:ed|ions?)? | no[ ]space[ ]left | disk[ ]full | too[ ]many[ ]open[ ]files
      | read-only[ ]file[ ]system | unreachable(?!=0) | broken[ ]pipe | reset[ ]by[ ]peer
      | unhandled | uncaught | blocked[ ]for[ ]more[ ]than | exit(?:ed)?[ ](?:with[ ])?
        (?:code|status)[ :=]{1,2}[1-9]
      | no[ ]such[ ](?:file|device|process|host|table|column) | no[ ]route[ ]to[ ]host
      | (?:host|network)[ ]is[ ]down | address[ ]already[ ]in[ ]use | operation[ ]not[ ]permitted
      | bad[ ]file[ ]descriptor | temporarily[ ]unavailable | stale[ ]file[ ]handle
      | no[ ](?:servers?|backends?|hosts?|endpoints?|upstreams?)[ ]available
      | service[ ](?:unavailable|not[ ]known) | invalid[ ]argument | command[ ]not[ ]found
      | (?:deadline|quota|limit|retries)[ ]exceeded | unexpected[ ](?:eof|end[ ]of)
      | (?:i/o|read|write|connect(?:ion)?|request|gateway)[ ]time-?out(?![=:]|[ ](?:is|of|set|\d))
      | connection[ ](?:lost|aborted) | lost[ ]connection | bad[ ]gateway | gave[ ]up | giving[ ]up
      | died | stuck | (?:stack|buffer|heap)[ ]overflow | undefined[ ](?:method|variable|symbol)
      | e(?:conn(?:refused|reset|aborted)|timedout|notfound|noent|acces|perm|addrinuse|pipe|nospc
        |nomem|[mn]file|hostunreach|netunreach|ai_again|isdir|notdir|exist|inval)
      | duplicate[ ](?:key|entry) | violates
      | err(?=[:=][ ]?\S|!) | killed(?=\s*\Z)
    )(?![\w-]|[./]\w)
"""
_CAMEL = r"(?-i:[a-z](?:Error|Exception)(?![\w/-]))"
_WORDS = re.compile(rf"(?:{_CALM})|(?P<ill>{_ILL}|{_CAMEL})", re.VERBOSE | re.IGNORECASE)
_SEARCHED = 4_000


def tells_of_failure(text: str) -> bool:
    """Whether a text says that something went wrong: "failed", "denied", "out of memory", …

    Whole words only, in the first 4,000 characters: not `error_log` or `error.log`, and not what
    says that nothing did ("0 errors", `failed=0`). Among them are what the C library and Go call
    errors that are not named so otherwise. A statement of SQL alone, as a log of slow ones has it,
    says nothing. docs/decisions/0011 tells why.
    """
    if _STATEMENT.fullmatch(text):
        return False
    return any(found["ill"] for found in _WORDS.finditer(text, 0, _SEARCHED))


_STATEMENT = re.compile(
    r"\s{0,20}+(?:SELECT\s(?>[^;]*?\sFROM\s)|(?:INSERT|REPLACE)\s+(?:IGNORE\s+)?INTO\s|DELETE\s+FROM\s"
    r"|UPDATE\s+\S+\s+SET\s|WITH\s+\S+\s+AS\s*\(|CALL\s+[\w.`]+\(|SET\s+[\w.@`]+\s*=)[^;]*+;\s{0,20}",
    re.IGNORECASE,
)
_ENDED = re.compile(
    r"\(PID \d{1,10}\) was terminated by (?:signal (?!(?:1|2|15)\b)\d|exception 0x)"
)


def tells_of_a_kill(text: str) -> bool:
    """Whether PostgreSQL says that one of its processes was ended by a signal that asks for no
    ending, such as the kernel's kill where memory is out: then it ends all others and recovers.

    It says so at LOG, which is no measure of how bad a thing is.
    """
    return _ENDED.search(text, 0, _SEARCHED) is not None
