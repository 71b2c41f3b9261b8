"""Times that are told in words, in any of the spellings of dates: one placeholder for each."""

from bot.core.signing.masking import rule

_DAYS = (
    "(?:Mon(?:day)?|Tue(?:sday)?|Wed(?:nesday)?|Thu(?:rsday)?|Fri(?:day)?|Sat(?:urday)?"
    "|Sun(?:day)?)"
)
_MONTHS = (
    "(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?"
    r"|Sept?(?:ember)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)\.?"
)
_ZONES = (
    "(?:UTC|GMT|Z|WES?T|BST|IST|CES?T|EES?T|MSK|[ECMPH][SD]?T|AK[SD]T|BRT|ART|SAST|CAT|EAT|WAT"
    "|JST|KST|HKT|SGT|PKT|WIB|A[CEW][SD]T|NZ[SD]T)"
)
"""By name: GET is none, though it stands behind a time."""
_OFFSET = (
    rf"(?: ?[AaPp]\.?[Mm]\b\.?)?(?:(?: [+-]?<num>)? \(?{_ZONES}(?!\w)\)?)?"
    r"(?:\[[\w/+-]{1,40}\])?(?: m=<value>)?"
)
"""How far from UTC, with what Java puts behind that, and Go's monotonic clock."""
_SIGNS = "Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec"
_CLOCK = rf"(?:,?(?: at)? <time>{_OFFSET})"
_RULES = rule.table(
    (_SIGNS, rf"(?<!\w)(?:{_DAYS},? )?<num>[ -]{_MONTHS},?[ -]<num>{_CLOCK}?", "<time>"),
    (
        _SIGNS,
        rf"(?<!\w)(?:{_DAYS},? )?{_MONTHS} <num>(?:,? <num>)?{_CLOCK}?(?:,? <num>)?",
        "<time>",
    ),
    ("<time>", rf"<(?:time|num)>[ T]<time>{_OFFSET}", "<time>"),
    ("<time>", rf"<time>{_OFFSET}", "<time>"),
    ("<time>", rf"(?<!\w){_DAYS},? <time>", "<time>"),
)


def mask(masked: str) -> str:
    """The text of the first stage with one placeholder for each time."""
    return rule.apply(_RULES, masked)
