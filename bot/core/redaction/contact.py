"""How a person is reached: e-mail, telephone, street."""

import re

from bot.core.redaction.rule import SPACE, VALUE, VALUE_SIGN, after, digits, rule

_DOMAIN = r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.){1,8}[A-Za-z]{2,24}"
_PHONE_NAME = (
    r"(?:t[eéÉ]l[eéÉ]?(?:phone|fon)?|phone|mobile|cell|msisdn|fax|sms(?:[ ]to)?|whatsapp)"
    r"(?:[ _-]?(?:number|no|nr))?"
)
_ENGLISH = (
    r"(?:Street|St|Avenue|Ave|Road|Rd|Boulevard|Blvd|Lane|Ln|Drive|Dr|Court|Ct|Square|Sq|Terrace"
    r"|Way|Place|Pl|Crescent|Close|Highway|Hwy|Parkway|Pkwy)"
)
_ROMANCE = r"(?:rue|avenue|boulevard|place|chemin|impasse|via|calle|avenida)"


def _is_long_enough(found: re.Match[str]) -> bool:
    """E.164: at most 15 digits; shorter than 8 it is no international number."""
    return 8 <= len(digits(found[0])) <= 15


EMAIL = (
    rule(
        "email",
        "the addresses of RFC 5321 that are in use, also with their @ encoded in a URL",
        rf"(?<![\w.+%-])[A-Za-z0-9_.+%'-]{{1,64}}(?:@|%40){_DOMAIN}(?![\w@])",
        sign=r"[A-Za-z0-9_.+%'-](?:@|%40)[A-Za-z0-9.-]+\.[A-Za-z]{2}",
        confirms=lambda found: not found[0].startswith(("git@", "%")),
    ),
    rule(
        "email",
        "the same in any alphabet (RFC 6531)",
        r"(?<![\w.+-])[\w.+-]{1,64}@(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.){1,8}[^\W\d_]{2,24}",
        sign=r"\S@[^\s@]+\.",
        confirms=lambda found: not found[0].startswith("git@"),
    ),
)

PHONE = (
    rule(
        "phone",
        "international numbers (E.123), begun with + or 00",
        r"""(?<![\w.+=])(?:\+|\b00)[1-9]\d{0,2}[ .-]?(?:\(0?\d{1,4}\)[ .-]?)?\d
            (?:[ ./-]?\d){5,12}(?![\w-])""",
        sign=after(r"\w.+=") + r"(?:\+|00)[1-9][0-9 .()/-]{6}",
        confirms=_is_long_enough,
    ),
    rule(
        "phone",
        "the North American Numbering Plan: (212) 555-0100, 212-555-0100, 212.555.0100",
        r"""(?<![\w.-])(?:1[ .-])?(?:\([2-9]\d\d\)[ ]?|[2-9]\d\d[-.])[2-9]\d\d[-.]\d{4}
            (?![\w-]|\.\d)""",
        sign=after(r"\w.-") + r"(?:1[ .-])?(?:\([2-9]\d\d\) ?|[2-9]\d\d[-.])[2-9]\d\d[-.]\d{4}",
    ),
    rule(
        "phone",
        "national numbers with the trunk prefix 0, in groups",
        r"""(?<![\w.-])(?:\(?0\d{2,5}\)?[ /-]\d{3,4}[ -]?\d{3,6}|0[1-9](?:[ .-]\d\d){4})
            (?![\w-]|\.\d)""",
        sign=after(r"\w.-") + r"(?:\(?0\d{2,5}\)?[ /-]\d{3,4}[ -]?\d{3}|0[1-9](?:[ .-]\d\d){4})",
    ),
    rule(
        "phone",
        "whatever stands after the name of a telephone",
        rf"(?i)\b{_PHONE_NAME}\\?[\"']?{VALUE}(?P<secret>\+?[\d(][\d ()./-]{{6,22}}\d)",
        sign=rf"(?i)\b{_PHONE_NAME}{VALUE_SIGN}[\d(][\d ()./-]{{6}}",
    ),
)

STREET = (
    rule(
        "street",
        "what a name for an address has in quotation marks, if it has a number and several words",
        r"""(?i)(?<![a-z])(?:address|addr|street)(?:[_ ]?(?:line)?[_ ]?\d)?
            \\{0,4}[\"']?\s{0,2}(?:=>|[:=])\s{0,2}(?P<quote>\\{0,4}[\"'])
            (?P<secret>(?=[^\d\"'\\]{0,80}\d)(?=[^\s\"'\\]{0,80}[ ])
                (?=[\W\d]{0,16}[^\W\d])[^\"'\\<>\n]{6,160})(?P=quote)""",
        sign=r"(?i)(?:address|addr|street)(?:[_ ]?(?:line)?[_ ]?\d)?[\\\"']{0,5}"
        rf"{SPACE}{{0,2}}[:=]",
    ),
    rule(
        "street",
        "a number, capitalised names, an English word for a street",
        rf"""(?<![\w-])\d{{1,5}}[A-Za-z]?[ ](?:[A-Z][\w'.-]{{1,24}}[ ]){{1,4}}{_ENGLISH}\b\.?
            (?:,?[ ](?:Apt|Suite|Unit|Flat|Floor)\.?[ ]\#?\w{{1,6}})?""",
        sign=after(r"\w-") + rf"\d{{1,5}}[A-Za-z]? (?:[A-Z]\S+ ){{1,4}}{_ENGLISH}",
    ),
    rule(
        "street",
        "a German or Dutch street, then its number",
        r"""(?<!\w)[A-ZÄÖÜ][\wäöüß-]{2,30}(?:straße|strasse|str\.|weg|platz|allee|gasse|laan|straat)
            [ ]\d{1,4}[a-z]?(?!\w)""",
        sign=r"(?:stra(?:\xdf|ss)e|str\.|weg|platz|allee|gasse|laan|straat) \d",
    ),
    rule(
        "street",
        "a number, then a French, Italian or Spanish street",
        rf"""(?<!\w)\d{{1,4}},?[ ](?:bis[ ])?{_ROMANCE}[ ](?:[\w'’-]{{1,24}}[ ]?){{1,5}}
            (?=$|[,.;\"])""",
        sign=rf"\d,? (?:bis )?{_ROMANCE} ",
    ),
)
