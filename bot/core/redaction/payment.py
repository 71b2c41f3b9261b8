"""What a bank gives: cards and accounts, told by their check digits."""

import re

from bot.core.redaction import checksum
from bot.core.redaction.rule import VALUE, VALUE_SIGN, after, rule

_ISSUERS = re.compile(
    r"4\d{12}(?:\d{3}){0,2}"  # Visa
    r"|5[1-5]\d{14}|2(?:22[1-9]|2[3-9]\d|[3-6]\d\d|7[01]\d|720)\d{12}"  # Mastercard
    r"|3[47]\d{13}"  # American Express
    r"|3(?:0[0-5]|[68]\d)\d{11}"  # Diners Club
    r"|6(?:011|4[4-9]\d|5\d\d)\d{12}"  # Discover
    r"|35(?:2[89]|[3-8]\d)\d{12}"  # JCB
    r"|62\d{14,17}"  # UnionPay
    r"|(?:5018|5020|5038|6304|6759|676[1-3])\d{8,15}"  # Maestro
)
"""The ranges of ISO/IEC 7812 that issuers publish."""


def _is_card(found: re.Match[str]) -> bool:
    number = found["secret"].replace(" ", "").replace("-", "")
    return _ISSUERS.fullmatch(number) is not None and checksum.luhn(number)


def _is_iban(found: re.Match[str]) -> bool:
    account = re.sub(r"[ -]", "", found[0]).upper()
    return 15 <= len(account) <= 34 and checksum.iban(account)


_ACCOUNT = (
    r"(?:clabe|sort[ _-]?code|routing[ _-]?(?:number|no)|aba[ _-]?(?:number|routing)|blz|rib|nuban"
    r"|bankleitzahl|bank[ _-]?account(?:[ _-]?(?:number|no|nr))?|konto[ _-]?(?:nummer|nr)|bsb)"
)

RULES = (
    rule(
        "card",
        "the magnetic stripe (ISO/IEC 7813): the number, whose it is, and until when",
        r"(?<!\w)[%;]B?(?P<secret>[2-6]\d{11,18}[=^][^?\n]{4,96})\?",
        sign=r"[%;]B?[2-6]\d{11,18}[=^]",
    ),
    rule(
        "card",
        "in one piece or grouped as it is embossed, whatever number follows",
        r"""(?<![\w.-])(?P<secret>[2-6](?:\d{11,18}|\d{3}[ -]\d{4}[ -]\d{4}[ -]\d{4}
            |\d{3}[ -]\d{6}[ -]\d{4,5}))(?![\w-]|\.\d)""",
        sign=after(r"\w.-") + r"[2-6](?:\d{11}|\d{3}[ -]\d{4}(?:[ -]\d{4}|\d\d)[ -]\d{4})",
        confirms=_is_card,
    ),
    rule(
        "card",
        "12 to 19 digits of a known issuer with the right check digit, however grouped",
        r"(?<![\w.-])(?P<secret>[2-6]\d\d(?:[ -]?\d){9,16})(?![\w-]|\.\d)",
        sign=after(r"\w.-") + r"[2-6]\d\d(?:[ -]?\d){9}",
        confirms=_is_card,
    ),
    rule(
        "iban",
        "an account and its bank by their names, as states without IBAN have them",
        rf"""(?i)(?<![a-z]){_ACCOUNT}(?![a-z])\\?[\"']?{VALUE}
            (?P<secret>\d{{2,4}}(?:[ -]\d{{2,6}}){{1,5}}|\d{{6,18}})(?!\d)""",
        sign=rf"(?i){_ACCOUNT}{VALUE_SIGN}\d",
    ),
    rule(
        "iban",
        "ISO 13616, in one piece, in capital or small letters",
        r"(?<![A-Za-z0-9])[A-Za-z]{2}\d{2}[A-Za-z0-9]{11,30}(?![A-Za-z0-9])",
        sign=after("A-Za-z0-9") + r"[A-Za-z]{2}\d{2}[A-Za-z0-9]{11}",
        confirms=_is_iban,
    ),
    rule(
        "iban",
        "the same in groups of four",
        r"""(?<![A-Za-z0-9])[A-Z]{2}\d{2}(?:[ -][A-Z0-9]{4}){2,7}(?:[ -][A-Z0-9]{1,4})?
            (?![A-Za-z0-9])""",
        sign=after("A-Za-z0-9") + r"[A-Z]{2}\d{2}(?:[ -][A-Z0-9]{4}){2}",
        confirms=_is_iban,
    ),
)
