"""Whose business it is: the identifiers of tenants, accounts and the like."""

import re

from bot.core.redaction.names import in_arn, is_store
from bot.core.redaction.rule import (
    KEY_OF_ROW,
    KEY_OF_ROW_SIGN,
    OPENS,
    QUOTED,
    SAFE,
    SPACE,
    WORD,
    after,
    rule,
)

_WHO = (
    r"(?:tenant|customer|org(?:ani[sz]ation)?|account|workspace|client|subscriber|merchant|member"
    r"|patient|policy|contract|subscription)"
)
_KEY = rf"{_WHO}(?:[_. -]?(?:id|no|nr|number|ref|key|slug|code|name|uuid))?"
_COLUMN = re.compile(rf"(?i)(?<![a-z])(?:{_KEY}|{_WHO}[_. -]?name)(?![a-z])")
_PREFIX = r"(?:cus|acct|cust|usr|org|ten|tenant|sub|mem|wsp)"
_LETTERS = r"(?:CUST|CUS|ACCT|ACC|CLIENT|TENANT|CRM|KD|KND|CN|MEMBER|ORG)"

_NO_CUSTOMER = frozenset((
    "not", "is", "has", "was", "none", "null", "unknown", "missing", "invalid", "true", "false",
    "undefined", "found", "id", "default", "required", "expired",
))  # fmt: skip


_PROSE = re.compile(r"[A-Za-z]+ [a-z]{2}")


_PROGRAM = re.compile(
    r"(?i)(?:(?:account|admin|android|api|app|backend|browser|cli|console|desktop|frontend|gateway"
    r"|internal|ios|mobile|native|portal|public|service|spa|swagger|ui|web)[-_.]?){1,4}"
    r"|(?:consumer|producer|adminclient)-.+"
    r"|(?:[a-z][\w-]*\.){2,}(?-i:[A-Z])\w*"
    r"|(?!.*\.(?:com|net|org|info|dev|app|cloud|[a-z]{2})$)(?:[\w-]+\.){0,8}"
    r"(?:auth|client|driver|handler|module|plugin|provider)s?(?:\.[a-z][\w-]*){1,8}"
)
"""What a client is that is a program: by its kind (OAuth), by its turn (Kafka), by its place in the
code, which is no domain."""
_BEFORE_PROGRAM = ("[Consumer ", "[Producer ", "[AdminClient ", "[Worker ", "-> ")
"""What Kafka says before a client that is a program; behind an arrow it is a side of a dialogue."""
_PLACE = re.compile(r"\d+:\d")
"""A line and a column: `(node:_http_client:518:5)`."""
_ADDRESS = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}")
"""One that is still there is nobody's, as those of somebody are hidden: `client: 127.0.0.1`."""
_OF_CLUSTER = re.compile(
    r"(?=[0-9]*[a-f])(?=[a-f]*[0-9])[0-9a-f]{12,16}"
    r"|[\w.-]+-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
)
"""The members of a cluster: of etcd (a number of 64 bits), of a group of Kafka (a name, a UUID)."""
_NUMBERED = re.compile(r"(?=[^\d]*\d{3}|.*[A-Z])")
"""A customer's number has three digits on end or a capital letter, the number of a thing has not:
`policy restricted-v2`, `member etcd-0`."""
_THINGS = ("member", "policy", "contra", "subscr")


def _is_customer(found: re.Match[str]) -> bool:
    """Not a word of prose: `client: Connection reset by peer` is what a client met with."""
    start, secret = found.start("secret"), found["secret"]
    said = found.string[start - 2 : start] == ": " and _PROSE.match(found.string, start)
    is_key = found.string[found.end() : found.end() + 1] == "="
    is_domain = found[0][:4].casefold() == "org:" and found.string.endswith(".", 0, found.start())
    return (
        not is_domain
        and not in_arn(found)
        and not found.string.startswith("arn:", start)
        and not is_store(found)
        and not said
        and not is_key
        and secret.casefold() not in _NO_CUSTOMER
        and not _is_thing(found)
    )


_WHOSE = re.compile(r"(?i)\b(?:insurance|health|life|car|motor|home|travel|dental)[ _-]\Z")
_POLICY = re.compile(r"(?i)(?=(?:\D*\d){3})(?:[a-z]{1,4}[-/.]?){0,2}[\d./-]+[a-z]?")


def _is_of_a_system(found: re.Match[str]) -> bool:
    """Whether a policy is a rule, not an insurance: its number is one, and nothing but an insurance
    stands before it, as in `retry policy=exponential`."""
    before = found.string[max(0, found.start() - 16) : found.start()]
    is_numbered = _OF_POLICY.match(found[0]) is not None
    if not any(map(str.isdigit, found["secret"])):
        return True
    if is_numbered or _WHOSE.search(before):
        return False
    return before[-1:] in ("_", "-", ".") or _POLICY.fullmatch(found["secret"]) is None


_OF_POLICY = re.compile(r"(?i)policy[_. -]?(?:no|nr|number)\b")


def _is_thing(found: re.Match[str]) -> bool:
    """Whether it is a program, a machine or a rule that is called as customers are, or a header:
    `Referrer-Policy: same-origin`."""
    who, secret = found[0][:6].casefold(), found["secret"]
    if who == "policy":
        return _is_of_a_system(found)
    if who == "client":
        if found[0].startswith("client.id"):
            return True
        if found[0].endswith(f":{secret}") and _PLACE.match(found.string, found.start("secret")):
            return True
        return (
            found.string.endswith(_BEFORE_PROGRAM, 0, found.start())
            or _ADDRESS.fullmatch(secret) is not None
            or _PROGRAM.fullmatch(secret) is not None
        )
    if who == "member" and _OF_CLUSTER.fullmatch(secret):
        return True
    is_spoken = found.string[found.start("secret") - 1] == " " and who in _THINGS
    return is_spoken and not re.search(r"[:=#>]", found[0]) and not _NUMBERED.match(secret)


_PERSON = (
    r"(?:(?:customer|patient|insured|(?:account|card|policy)[_. -]?holder)(?:[_. -]?name)?"
    r"|(?:client|subscriber|member)[_. -]?name)"
)
"""A client or a member without a name is more often a program or a machine."""
_WORD = (
    r"(?!(?:Access|Account|Authentication|Authorization|Bad|Cannot|Connection|Could|Denied|Error"
    r"|Exception|Expected|Fail(?:ed|ure)|Found|Invalid|Login|Missing|No|Not|Order|Payment|Permission"
    r"|Please|Protocol|Refused|Rejected|Request|Server|Session|The|This|Time[sd]?|Timeout|Too|Unable"
    r"|Unauthorized|Unexpected|Unknown|Value|Was|Wrong)\b)[^\W\d_a-z](?:\.|[^\W\d_]{0,30}(?:['’-][^\W\d_]{1,30}){0,3})"
)
_PARTICLE = r"(?:af|al|bin|d[aeiou]|de[lnr]|della|dos|el|ibn|la|le|te[nr]|van|von|y|zur?)"

RULES = (
    rule(
        "customer",
        "the whole name of a person behind what somebody is: customer: Ann de la Tour",
        rf"""(?<![A-Za-z])(?i:{_PERSON})\s{{0,2}}[:=]\s{{0,2}}
            (?P<secret>{_WORD}(?:[ ](?:{_PARTICLE}[ ]){{0,3}}{_WORD}){{1,3}})(?![\w=@-]|[.:/]\w)""",
        sign=after("A-Za-z") + rf"(?i){_PERSON}{SPACE}{{0,2}}[:=]",
    ),
    rule(
        "customer",
        "a name in quotation marks, however many words it has",
        rf"""(?i)(?<![a-z]){_WHO}[_. -]?name\\{{0,4}}[\"']?\s{{0,2}}(?:=>|[:=])\s{{0,2}}
            (?=\\{{0,4}}[\"']){OPENS}(?!{SAFE})
            (?P<secret>(?:(?![<>]){QUOTED}){{2,64}}+)(?P=quote)""",
        sign=rf"(?i){_WHO}[_. -]?name[\\\"']{{0,5}}{SPACE}{{0,2}}[:=]",
        confirms=_is_customer,
    ),
    rule(
        "customer",
        'an object that is one: {"customer": {"id": "...", "name": "..."}}',
        rf"""(?i)\\{{0,4}}\"(?:tenant|customer|org(?:ani[sz]ation)?|account|workspace|merchant|subscriber)
            \\{{0,4}}\":\s?\{{[^{{}}\n]{{0,300}}?(?<=[{{,\s])\\{{0,4}}\"(?:id|name|no|nr|number|ref|key|slug
            |code|uuid)\\{{0,4}}\":\s?\\{{0,4}}\"(?!{SAFE})(?P<secret>[^\"\\\n<>]{{2,64}})\\{{0,4}}\"""",
        sign=rf"(?i)(?:tenant|customer|org(?:ani[sz]ation)?|account|workspace|merchant|subscriber)"
        rf"\\*\":{SPACE}?\{{",
        confirms=_is_customer,
    ),
    rule(
        "customer",
        "the values of a key in a column for a customer, as PostgreSQL has it",
        KEY_OF_ROW,
        sign=KEY_OF_ROW_SIGN,
        confirms=lambda found: _COLUMN.search(found["columns"]) is not None,
    ),
    rule(
        "customer",
        "name=value, name: value, name #value; after a blank alone it must have a digit",
        rf"""(?i)(?<![a-z/]){_KEY}\\{{0,4}}[\"']?\s{{0,2}}
            (?:=>|[:=\#]|[ ](?:\#[ ]?)?(?=[\"']?[\w-]{{0,20}}\d))
            \s{{0,2}}\\{{0,4}}[\"']?(?!{SAFE})
            (?P<secret>(?=[\w.:/-]{{0,40}}[\d_-]|[a-z])[A-Za-z0-9][\w.-]{{1,62}}\w)""",
        sign=after("A-Za-z") + rf"(?i){_KEY}[\\\"']{{0,5}}{SPACE}{{0,2}}"
        rf"(?:[:=#]| (?:# ?)?[\"']?(?:{WORD}|-){{0,20}}\d)",
        confirms=_is_customer,
    ),
    rule(
        "customer",
        "identifiers with a prefix, as Stripe has them: cus_, acct_",
        rf"(?<![A-Za-z0-9_]){_PREFIX}_[A-Za-z0-9]{{6,40}}(?![A-Za-z0-9_])",
        sign=after("A-Za-z0-9_") + rf"{_PREFIX}_[A-Za-z0-9]{{6}}",
        confirms=lambda found: any(map(str.isdigit, found[0])),
    ),
    rule(
        "customer",
        "the numbers of customers in systems of accounting: CUST-10023",
        rf"(?<![A-Za-z0-9_-]){_LETTERS}[-_\#]?\d{{3,16}}(?![A-Za-z0-9_])",
        sign=after("A-Za-z0-9_-") + rf"{_LETTERS}[-_#]?\d{{3}}",
    ),
)
