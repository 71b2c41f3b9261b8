"""How a person is reached: e-mail, telephone, street."""

import re

from bot.core.redaction.rule import SAFE, SPACE, VALUE, VALUE_SIGN, WORD_BEGINS, after, digits, rule

_DOMAIN = r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.){1,8}[A-Za-z]{2,24}"
_PHONE_NAME = (
    r"(?:t[eé]l[eé]?(?:phone|fon[eo]?|foon|fonsz[aá]m)?|phone|mobile?|cell?(?:ular|phone)?|m[oó]vil"
    r"|handy|puhelin|komórka|msisdn"
    r"|fax|rufnummer|call(?:er|back)|sms(?:[ ]to)?|whatsapp|i(?:mei|msi|ccid)|meid)"
    r"(?:[ _-]?(?:nummer|number|no|nr))?"
)
_PHONE_ABROAD = (
    r"(?:телефон[а-я]{0,2}|тел\.?|моб(?:\.|ильный)?|τηλ(?:[έε]φωνο|\.)|κινητ[όο]|טלפון|נייד"
    r"|هاتف|جوال|موبايل|تلفن|电话|電話|手机|手機|携帯|전화|휴대폰|연락처|โทร(?:ศัพท์)?|फ़ोन|फोन|मोबाइल)"
    r"(?:\s?(?:号码?|號碼?|番号|번호))?"
)
"""What a telephone is called in letters that signs do not see."""
_ENGLISH = (
    r"(?:Street|St|Avenue|Ave|Road|Rd|Boulevard|Blvd|Lane|Ln|Drive|Dr|Court|Ct|Square|Sq|Terrace"
    r"|Way|Place|Pl|Crescent|Close|Highway|Hwy|Parkway|Pkwy)"
)
_ROMANCE = r"(?:rue|avenue|boulevard|place|chemin|impasse|via(?=[ ][A-Z])|calle|avenida)"
_BEFORE_NAME = (
    r"(?:[Rr]ue|Avenue|[Cc]alle|C/|Avenida|Av\.|Paseo|Plaza|Carrer|Via|Viale|Piazza|Corso|[Rr]ua"
    r"|Travessa|Pra[cç]a|[Uu]l(?:\.|ica|ice)|[Aa]l(?:\.|eja)|[Ss]trada)"
)
_OF = r"(?:de|del|della|delle|dei|das|dos|da|do|la|las|los|el|di|du|des)"
_TOWN = r"(?:[^\W\d_a-z][\w'’.-]{1,30}(?:[ ](?:[^\W\d_a-z][\w'’-]{1,30}|\d{1,2}\b)){0,3})"
_CODE = r"\d{4,6}(?:-\d{3,4})?|[A-Z]{1,2}\d[A-Z\d]?[ ]?\d[A-Z]{2}|[A-Z]\d[A-Z][ ]?\d[A-Z]\d"
"""The codes for the post of most states, of Britain and of Canada."""
_IN_NAME = (
    r"(?:straße|strasse|str\.|weg|platz|allee|gasse|laan|straat|gracht|kade|plein|singel|gatan|vägen"
    r"|veien|vej|(?<!Bri)gade|katu|utca)"
)
_APART = r"(?:Straße|Strasse|Allee|Gasse|Straat|Gracht)"


def _is_long_enough(found: re.Match[str]) -> bool:
    """E.164: at most 15 digits; shorter than 8 it is no international number."""
    return 8 <= len(digits(found[0])) <= 15


_TIME = re.compile(
    r"(?:\d\d(?:0\d|1[0-2])[0-3]\d[ ]|(?:0\d|1[0-2])[0-3]\d/)(?:[01]\d|2[0-3])[0-5]\d[0-5]\d"
    r"(?:(?<=\d{6} \d{6})(?!\d)|:[A-Z])"
)
"""When something was logged: `081109 203615` by Hadoop, `0705/190016:WARNING` by Chrome."""
_OBJECT = re.compile(r"[^@]*@[0-9a-f]{1,8}\.\w+")


def _is_address(found: re.Match[str]) -> bool:
    """Not who runs Git, nor an object of Java that is asked for something: `Parser@1b6d.next(`."""
    if found[0].startswith(("git@", "%")):
        return False
    return not (found.string.startswith("(", found.end()) and _OBJECT.fullmatch(found[0]))


EMAIL = (
    rule(
        "email",
        "the addresses of RFC 5321 that are in use, also with their @ encoded in a URL",
        rf"(?<![\w.+%-])(?<!://)[A-Za-z0-9_.+%-][A-Za-z0-9_.+%'-]{{0,63}}(?:@|%40){_DOMAIN}(?![\w@])",
        sign=r"[A-Za-z0-9_.+%'-](?:@|%40)[A-Za-z0-9.-]+\.[A-Za-z]{2}",
        confirms=_is_address,
    ),
    rule(
        "email",
        "the same with a name in quotation marks, which may have a blank in it",
        rf"\"[^\"@\s<>]{{1,40}}(?:[ .][^\"@\s<>]{{1,40}}){{1,4}}\"@{_DOMAIN}(?![\w@])",
        sign=r"\"@[A-Za-z0-9.-]+\.[A-Za-z]{2}",
    ),
    rule(
        "email",
        "the same in any alphabet (RFC 6531)",
        r"(?<![\w.+-])(?<!://)[\w.+-]{1,64}@(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.){1,8}[^\W\d_]{2,24}",
        sign=r"\S@[^\s@]+\.",
        confirms=_is_address,
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
        "the same as what a message is from or to, its sign also encoded",
        r"""(?i)(?<![a-z])(?:to|from|recipient|destination|dest|sender|receiver|number|called|caller)
            \\?[\"']?(?:=|:[ ]?)\\?[\"']?(?P<secret>(?:\+|%2B)[1-9]\d{7,14})(?![\w.-])""",
        sign=r"(?i)(?:to|from|recipient|dest(?:ination)?|sender|receiver|number|called|caller)"
        r"[\\\"']*[:=] ?[\\\"']*(?:\+|%2B)[1-9]\d{7}",
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
        r"""(?<![\w.-])(?:\(?0\d{2,5}\)?[ /-]\d{3,4}[ -]?\d{3,6}
            |(?<!\b\d\d[ .-])0[1-9](?:[ .-]\d\d){4}(?![ .-]\d\d\b)
            |0\d-\d{4}-\d{4})(?![\w-]|\.\d)""",
        sign=after(r"\w.-")
        + r"(?:\(?0\d{2,5}\)?[ /-]\d{3,4}[ -]?\d{3}|0[1-9](?:[ .-]\d\d){4}|0\d-\d{4}-\d)",
        confirms=lambda found: not _TIME.match(found.string, found.start()),
    ),
    rule(
        "phone",
        "national numbers with the area in brackets, as in Brazil, (11) 98765-4321, and Russia",
        r"""(?<![\w.-])(?:\(\d\d\)[ ]?9?\d{4}-\d{4}|8[ ]?\(\d{3}\)[ ]?\d{3}-\d\d-\d\d)
            (?![\w-])""",
        sign=r"\(\d\d\d?\) ?\d{3,5}-",
    ),
    rule(
        "phone",
        "whatever stands after the name of a telephone",
        rf"(?i){WORD_BEGINS}{_PHONE_NAME}\\?[\"']?{VALUE}(?P<secret>\+?[\d(][\d ()./-]{{6,22}}\d)",
        sign=rf"(?i){_PHONE_NAME}{VALUE_SIGN}[\d(][\d ()./-]{{6}}",
    ),
    rule(
        "phone",
        "whatever stands after a name for one in another alphabet",
        rf"""(?i){_PHONE_ABROAD}\\?[\"']?\s{{0,2}}[:=：№]?\s{{0,2}}\\?[\"']?
            (?P<secret>\+?[0-9(][0-9 ()./-]{{6,22}}[0-9])""",
        sign=rf"\?\.?\\?[\"']?{SPACE}{{0,2}}[:=?]?{SPACE}{{0,2}}\\?[\"']?"
        r"\+?[\d(][\d ()./-]{6}",
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
        rf"""(?<![\w-])\d{{1,5}}[A-Za-z]?[ ]
            (?:(?:[A-Z][\w'.-]{{0,24}}|\d{{1,3}}(?:st|nd|rd|th))[ ]){{1,4}}{_ENGLISH}\b\.?
            (?:,?[ ](?:Apt|Suite|Unit|Flat|Floor)\.?[ ]\#?\w{{1,6}})?""",
        sign=rf" {_ENGLISH}\b",
    ),
    rule(
        "street",
        "a Germanic or Finnish street, whose name says that it is one, then its number",
        rf"""(?<!\w)[A-ZÄÖÜÅÆØ][\w-]{{2,30}}(?:{_IN_NAME}|[ ]{_APART})[ ]\d{{1,4}}[a-z]?(?!\w)""",
        sign=rf"(?:{_IN_NAME.replace('(?<!Bri)', '')}|{_APART}) \d",
    ),
    rule(
        "street",
        "a Romance or Slavic word for a street, its name, and the number last",
        rf"""(?<!\w){_BEFORE_NAME}[ ](?:{_OF}[ ]){{0,2}}(?:[^\W\d_a-z][\w'’.-]{{1,24}},?[ ]){{1,4}}
            (?:n[°º.][ ]?)?\d{{1,4}}[a-z]?(?:/\d{{1,4}})?(?!\w|\.\d)""",
        sign=rf"{_BEFORE_NAME} ",
    ),
    rule(
        "street",
        "a box at a post office, and a code for the post after its name",
        rf"""(?i)\b(?P<bare>(?:P\.?[ ]?O\.?[ ]?Box|Postfach)[ ]\d{{1,6}})\b
            |(?<![a-z])(?:post(?:al)?[ _-]?code|zip(?:[ _-]?code)?|plz)\\?[\"']?\s?[:=]\s?\\?[\"']?
            (?!{SAFE})(?P<secret>\d{{4}}[ ]?[A-Z]{{2}}|{_CODE})\b""",
        sign=rf"(?i)P\.? ?O\.? ?Box |Postfach |(?:code|zip|plz)[\\\"']*{SPACE}?[:=]",
    ),
    rule(
        "street",
        "a number, then a French, Italian or Spanish street",
        rf"""(?<![\w.])\d{{1,4}},?[ ](?:bis[ ])?{_ROMANCE}(?:[ ][\w'’-]{{1,24}}){{1,5}}[ ]?
            (?=$|[,.;\"])""",
        sign=rf"\d,? (?:bis )?{_ROMANCE.replace('(?=[ ][A-Z])', '')} ",
    ),
    rule(
        "street",
        "the code for the post and the town that follow a street",
        rf"""<street>(?:,|;|[ ]-|(?:\\r)?\\n)?\s{{0,4}}(?P<secret>
            (?:[A-Z]{{1,2}}-)?\d(?:\d{{3,5}}|\d\d[ ]\d\d|\d-\d{{3}}|\d{{4}}-\d{{3}}
                |\d{{3}}[ ]?[A-Z]{{2}})[ ]{_TOWN}
            |{_TOWN}(?:,[ ][A-Z]{{2}})?,?[ ](?:{_CODE})\b)""",
        sign=rf"<street>(?:,|;| -|(?:\\r)?\\n)?{SPACE}{{0,4}}(?:[A-Z\d?])",
    ),
)
