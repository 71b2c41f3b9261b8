"""People and machines: addresses, telephone and account numbers, what a state or a bank gives."""

import re

from bot.core.redaction.rule import SAFE, rule

_VALUE = rf"\s{{0,2}}(?:=>|[:=#]|\bis\b)?\s{{0,2}}\\{{0,4}}[\"']?(?!{SAFE})"


def _digits(text: str) -> str:
    return re.sub(r"\D", "", text)


def _luhn(digits: str) -> bool:
    total = sum(int(d) for d in digits[-1::-2]) + sum(
        sum(divmod(2 * int(d), 10)) for d in digits[-2::-2]
    )
    return total % 10 == 0


_ISSUERS = re.compile(
    r"4\d{12}(?:\d{3}){0,2}|5[1-5]\d{14}|2(?:22[1-9]|2[3-9]\d|[3-6]\d\d|7[01]\d"
    r"|720)\d{12}|3[47]\d{13}|3(?:0[0-5]|[68]\d)\d{11}|"
    r"6(?:011|4[4-9]\d|5\d\d)\d{12}|35(?:2[89]|[3-8]\d)\d{12}|62\d{14,17}|(?:5018|5020"
    r"|5038|6304|6759|676[1-3])\d{8,15}"
)


def _is_card(found: re.Match[str]) -> bool:
    digits = _digits(found[0])
    return _ISSUERS.fullmatch(digits) is not None and _luhn(digits)


def _is_iban(found: re.Match[str]) -> bool:
    """ISO 13616: the letters as numbers, the first four characters last, modulo 97 is 1."""
    text = re.sub(r"[ -]", "", found[0]).upper()
    if not 15 <= len(text) <= 34:
        return False
    return int("".join(str(int(c, 36)) for c in text[4:] + text[:4])) % 97 == 1


def _is_cpf(found: re.Match[str]) -> bool:
    digits = [int(d) for d in _digits(found[0])]
    return len(set(digits)) > 1 and all(
        (sum(d * w for d, w in zip(digits, range(n + 1, 1, -1), strict=False)) * 10 % 11) % 10
        == digits[n]
        for n in (9, 10)
    )


def _is_dni(found: re.Match[str]) -> bool:
    number = found[0].upper().translate(str.maketrans("XYZ", "012"))
    return "TRWAGMYFPDXBNJZSQVHLCKE"[int(_digits(number[:-1])) % 23] == found[0][-1].upper()


def _is_nir(found: re.Match[str]) -> bool:
    text = re.sub(r"\s", "", found[0])
    return 97 - int(text[:13]) % 97 == int(text[13:])


def _is_address_v6(found: re.Match[str]) -> bool:
    text = found["secret"]
    groups = [group for group in text.split(":") if group]
    return (
        text not in ("::", "::1")
        and (text.count(":") == 7 or (text.count("::") == 1 and bool(groups)))
        and any(len(g) > 2 or "::" in text for g in groups)
    )


def _is_address_v4(found: re.Match[str]) -> bool:
    parts = found["secret"].split(".")
    return (
        all(int(part) < 256 and (part == "0" or part[0] != "0") for part in parts)
        and found["secret"] not in _NOBODY
    )


_NO_PERSON = frozenset(
    [
        "root",
        "admin",
        "administrator",
        "postgres",
        "mysql",
        "nobody",
        "www-data",
        "system",
        "guest",
        "anonymous",
        "unknown",
        "none",
        "null",
        "true",
        "false",
        "nil",
        "undefined",
        "default",
        "user",
        "username",
        "not",
        "is",
        "was",
        "has",
        "had",
        "does",
        "did",
        "cannot",
        "can",
        "could",
        "with",
        "and",
        "or",
        "from",
        "for",
        "by",
        "to",
        "in",
        "on",
        "the",
        "a",
        "an",
        "id",
        "name",
        "input",
        "agent",
        "group",
        "account",
        "data",
        "table",
        "service",
        "session",
        "profile",
        "role",
        "settings",
        "request",
        "error",
        "exception",
        "interface",
        "space",
        "code",
        "type",
        "token",
        "login",
        "logged",
        "model",
        "object",
        "record",
        "field",
        "value",
        "field_name",
        "lookup",
        "authentication",
        "authorization",
        "registration",
        "creation",
        "permissions",
        "permission",
        "email",
        "password",
        "missing",
        "invalid",
        "already",
        "must",
        "should",
        "found",
        "defined",
        "named",
        "required",
        "expired",
        "disabled",
        "locked",
        "blocked",
        "denied",
        "failed",
        "exceeded",
        "canceled",
        "cancelled",
        "cancel",
        "action",
        "limit",
        "count",
    ]
)


def _is_person(found: re.Match[str]) -> bool:
    return found["secret"].strip(".").casefold() not in _NO_PERSON


def _is_spoken_person(found: re.Match[str]) -> bool:
    """In a sentence a name shows by a digit, a dot or an underscore, or by what frames it."""
    secret = found["secret"].strip(".")
    if secret.casefold() in _NO_PERSON:
        return False
    framed = re.match(
        (
            r" (?:from|logged|failed|is not|has no|does not|cannot|was|by|at|on|lacks|has been"
            r"|not (?:found|allowed|authori[sz]ed))\b|$"
        ),
        found.string[found.end() : found.end() + 24],
    )
    return re.search(r"[\d._@]", secret) is not None or (
        framed is not None
        and secret.islower()
        and not secret.endswith(("ing", "ed", "tion", "ment"))
    )


_NO_CUSTOMER = frozenset(
    (
        "not",
        "is",
        "has",
        "was",
        "none",
        "null",
        "unknown",
        "missing",
        "invalid",
        "true",
        "false",
        "undefined",
        "found",
        "id",
        "default",
        "required",
        "expired",
    )
)


def _is_customer(found: re.Match[str]) -> bool:
    return found["secret"].casefold() not in _NO_CUSTOMER


_NOBODY = frozenset(
    (
        "0.0.0.0",  # noqa: S104  the addresses of nobody
        "127.0.0.1",
        "255.255.255.255",
        "255.255.255.0",
        "255.255.0.0",
        "1.1.1.1",
        "8.8.8.8",
        "8.8.4.4",
    )
)
_VERSION_BEFORE = r"(?<![\w.:-])(?<!version[ ])(?<!Version[ ])(?<!release[ ])(?<!v)(?<!/)"
_HEX4 = r"[0-9A-Fa-f]{1,4}"

_STREET = (
    r"(?:Street|St|Avenue|Ave|Road|Rd|Boulevard|Blvd|Lane|Ln|Drive|Dr|Court|Ct|Square"
    r"|Sq|Terrace|Way|Place|Pl|Crescent|Close|Highway|Hwy|Parkway|Pkwy)"
)

RULES = (
    rule(
        "email",
        (
            r"(?<![\w.+%-])[A-Za-z0-9_.+%'-]{1,64}(?:@|%40)(?:[A-Za-z0-9]"
            r"(?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.){1,8}[A-Za-z]{2,24}(?![\w@])"
        ),
        hints=("@", "%00"),
        confirms=lambda found: not found[0].startswith(("git@", "%")),
    ),
    rule(
        "email",
        r"(?<![\w.+-])[\w.+-]{1,64}@(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.){1,8}[^\W\d_]{2,24}",
        hints="@",
        confirms=lambda found: not found[0].startswith("git@"),
    ),
    rule(
        "card",
        r"\d(?<![\w.-]\d)(?:[ -]?\d){11,18}(?![\w-]|\.\d)",
        hints=("000000000000", "0000 0000", "0000-0000", "0000 000000", "0000-000000"),
        confirms=_is_card,
    ),
    rule(
        "iban",
        (
            r"(?<![A-Za-z0-9])[A-Z]{2}\d{2}(?:[ -]?[A-Z0-9]{4}){2,7}(?:[ -]?[A-Z0-9]{1,4})?"
            r"(?![A-Za-z0-9])"
        ),
        hints="0000",
        confirms=_is_iban,
    ),
    rule(
        "iban",
        r"(?<![A-Za-z0-9])[a-z]{2}\d{2}[a-z0-9]{11,30}(?![A-Za-z0-9])",
        hints="0000",
        confirms=_is_iban,
    ),
    rule(
        "national-id",
        r"\d(?<![\w.-]\d)(?<!9)\d\d(?<!000)(?<!666)-(?!00)\d\d-(?!0000)\d{4}(?![\w-])",
        hints="000-00-0000",
    ),
    rule(
        "national-id",
        (
            rf"(?i)\b(?:ssn|social[ _-]?security(?:[ _-]?(?:number|no|nr))?|nino|national[ _-]?"
            rf"(?:id(?:entity)?|insurance)(?:[ _-]?(?:number|no))?|passport(?:[ _-]?(?:number"
            rf"|no|nr|id))?|tax[ _-]?(?:id|number|payer[ _-]?id)|steuer[ _-]?id|tin|aadhaar|bsn"
            rf"|pesel|personnummer|driver'?s?[ _-]?licen[sc]e(?:[ _-]?(?:number|no))?"
            rf"|identity[ _-]?card|curp|sin|nhs[ _-]?(?:number|no)|cpf|dni|nie"
            rf"|nif)\b\\?[\"']?{_VALUE}(?P<secret>"
            rf"(?=[A-Z0-9 ./-]{{0,14}}\d)[A-Z0-9][A-Z0-9./-]{{4,24}}(?:[ ]\d{{2,6}}){{0,4}})"
        ),
        anchor=(
            r"(?<![a-z])(?:ssn|social|nino|national|passport|tax|steuer|tin|aadhaar|bsn"
            r"|pesel|personn|driver|identity|curp|sin|nhs|cpf|dni|nie|nif)"
        ),
    ),
    rule(
        "national-id",
        (
            r"(?<![\w])(?![BGKNT][KNZ]|[DFIQUV]"
            r"|.[DFIOQUV])[A-Z]{2}[ ]?\d\d[ ]?\d\d[ ]?\d\d[ ]?[A-D](?!\w)"
        ),
        hints=("000000", "00 00 00"),
    ),
    rule(
        "national-id",
        r"(?<![\w.-])\d{3}\.\d{3}\.\d{3}-\d\d(?![\w-])",
        hints="000.000.000-00",
        confirms=_is_cpf,
    ),
    rule(
        "national-id",
        r"(?<![\w-])(?:\d{8}|[XYZ]\d{7})-?[A-Z](?![\w-])",
        hints="0000000",
        confirms=_is_dni,
    ),
    rule(
        "national-id",
        r"(?<![\w])[A-Z]{6}\d\d[A-EHLMPRST]\d\d[A-Z]\d{3}[A-Z](?!\w)",
        hints="000",
        anchor=r"[a-z]{6}\d\d[a-z]\d\d",
    ),
    rule(
        "national-id",
        (
            r"(?<![\w.-])[12][ ]?\d\d[ ]?(?:0[1-9]|1[0-2])[ ]?(?:\d\d"
            r"|2[AB])[ ]?\d{3}[ ]?\d{3}[ ]?\d\d(?![\w-])"
        ),
        hints=("0000000000000", "0 00 00 0", "0 00 00 00"),
        confirms=lambda found: found[0].replace(" ", "").isdecimal() and _is_nir(found),
    ),
    rule(
        "phone",
        (
            r"(?<![\w.+=])(?:\+|\b00)[1-9]\d{0,2}[ .-]?(?:\(0?\d{1,4}\)[ .-]?)?\d"
            r"(?:[ ./-]?\d){5,12}(?![\w-])"
        ),
        hints=("+0", "0000"),
        anchor=r"\+[1-9]|00[1-9]",
        confirms=lambda found: 8 <= len(_digits(found[0])) <= 15,
    ),
    rule(
        "phone",
        (
            r"(?<![\w.-])(?:1[ .-])?(?:\([2-9]\d\d\)[ ]?|[2-9]\d\d[-.])[2-9]\d\d[-.]\d{4}"
            r"(?![\w-]|\.\d)"
        ),
        hints=("-0000", ".0000"),
        anchor=r"[1(2-9][-. 2-9(]",
    ),
    rule(
        "phone",
        r"(?<![\w.-])\(?0\d{2,5}\)?[ /-]\d{3,4}[ -]?\d{3,6}(?![\w-]|\.\d)",
        hints=("0 000", "0/000", "0-000", ") 000"),
        anchor=r"\(?0\d\d",
    ),
    rule(
        "phone",
        (
            rf"(?i)\b(?:phone|mobile|tel(?:ephone)?|cell|msisdn|fax|sms(?:[ ]to)?|whatsapp)"
            rf"(?:[ _-]?(?:number|no|nr))?\\?[\"']?{_VALUE}"
            rf"(?P<secret>\+?[\d(][\d ()./-]{{6,22}}\d)"
        ),
        hints="phone mobile tel cell msisdn fax sms whatsapp",
    ),
    rule(
        "date-of-birth",
        (
            rf"(?i)\b(?:dob|birth[ _-]?da(?:y|te)|date[ _-]of[ _-]birth|born(?:[ ]on)?"
            rf"|geburtsdatum)\\?[\"']?{_VALUE}"
            rf"(?P<secret>\d{{1,4}}[-./ ]\w{{1,9}}[-./ ]\d{{2,4}})"
        ),
        hints="dob birth born geburt",
    ),
    rule(
        "mac",
        r"(?<![\w:-])(?:[0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}(?![\w:-])",
        hints=(":0", "-0", "0:", "0-"),
        anchor=r"[0-9a-f][0-9a-f][:-][0-9a-f][0-9a-f][:-][0-9a-f]",
    ),
    rule("mac", r"(?<![\w.])(?:[0-9A-Fa-f]{4}\.){2}[0-9A-Fa-f]{4}(?![\w.])", hints="."),
    rule(
        "ip",
        rf"{_VERSION_BEFORE}(?P<secret>(?:\d{{1,3}}\.){{3}}\d{{1,3}})(?![\w-]|\.\d)",
        hints=".0",
        anchor=r"\d{1,3}\.\d{1,3}\.\d{1,3}\.\d",
        confirms=_is_address_v4,
    ),
    rule(
        "ip",
        r"(?<=//)(?P<secret>(?:\d{1,3}\.){3}\d{1,3})(?![\w-]|\.\d)",
        hints="//",
        confirms=_is_address_v4,
    ),
    rule(
        "ip",
        rf"(?<![\w:.])(?P<secret>(?:{_HEX4}:){{7}}{_HEX4})(?:%\w{{1,15}})?(?![\w:])",
        hints=":",
        anchor=r"[0-9a-f]{1,4}:[0-9a-f]{1,4}:[0-9a-f]{1,4}:",
        confirms=_is_address_v6,
    ),
    rule(
        "ip",
        (
            rf"(?<![\w:.])(?P<secret>(?:{_HEX4}(?::{_HEX4}){{0,6}})?::(?:{_HEX4}"
            rf"(?::{_HEX4}){{0,6}})?)(?:%\w{{1,15}})?(?![\w:])"
        ),
        hints="::",
        confirms=_is_address_v6,
    ),
    rule(
        "street",
        (
            rf"(?<![\w-])\d{{1,5}}[A-Za-z]?[ ](?:[A-Z][\w'.-]{{1,24}}[ ]){{1,4}}{_STREET}\b\.?"
            rf"(?:,?[ ](?:Apt|Suite|Unit|Flat|Floor)\.?[ ]\#?\w{{1,6}})?"
        ),
        hints=(
            " street",
            " st",
            " ave",
            " road",
            " rd",
            " boul",
            " bl",
            " lane",
            " ln",
            " dr",
            " c",
            " sq",
            " terr",
            " way",
            " pl",
            " h",
            " p",
        ),
        anchor=r"\d{1,5}[a-z]? [a-z]",
    ),
    rule(
        "street",
        (
            r"(?<!\w)[A-ZÄÖÜ][\wäöüß-]{2,30}(?:straße|strasse|str\.|weg|platz|allee|gasse|laan"
            r"|straat)[ ]\d{1,4}[a-z]?(?!\w)"
        ),
        hints=(
            "straße ",
            "strasse ",
            "str. ",
            "weg ",
            "platz ",
            "allee ",
            "gasse ",
            "laan ",
            "straat ",
        ),
    ),
    rule(
        "street",
        (
            r"(?<!\w)\d{1,4},?[ ](?:bis[ ])?(?:rue|avenue|boulevard|place|chemin|impasse|via"
            r"|calle|avenida)[ ](?:[\w'’-]{1,24}[ ]?){1,5}(?=$|[,.;\"])"
        ),
        hints=(
            " rue ",
            " avenue ",
            " boulevard ",
            " place ",
            " chemin ",
            " impasse ",
            " via ",
            " calle ",
            " avenida ",
            ",rue ",
        ),
        anchor=r"\d{1,4},? [a-z]",
    ),
    rule(
        "user",
        rf"""(?i)(?<![a-z])(?:user(?:[_.-]?(?:name|id))?|login|uname|uid(?==[a-z])
                |account[_.-]?name|(?:first|last|full|sur|given|family|display|real|contact
                |recipient|card[_.-]?holder)[_.-]?name)
            \\{{0,4}}[\"']?\]?\s{{0,2}}(?:=>|[:=])\s{{0,2}}(?:\\{{0,4}}[\"']|(?<=[:=]))
                (?!{SAFE})(?P<secret>(?<=[\"'])[^\"'\\\n<>]{{2,64}}(?=\\{{0,4}}[\"'])|
                (?<![\"'])[^\s\"'&,;()\[\]{{}}<>\\=]{{2,64}})""",
        anchor=(
            r"user|login|uname|uid=|account|first|last|full|sur|given|family|display|real"
            r"|contact|recipient|card"
        ),
        confirms=_is_person,
    ),
    rule(
        "user",
        (
            rf"(?i)\b(?:user(?:[ _-]?name)?|login|role|author|employee|operator|admin)[ ]"
            rf"(?:named?[ ]|called[ ])?\\{{0,4}}(?P<quote>[\"'`])(?!{SAFE})"
            rf"(?P<secret>[^\s\"'`\\<>]{{2,64}})\\{{0,4}}[\"'`]"
        ),
        anchor=r"user|login|role|author|employee|operator|admin",
        confirms=_is_person,
    ),
    rule(
        "user",
        (
            rf"\b(?:[Uu]ser(?:name)?|[Ll]ogin(?:[ ](?:by|for|from|of))?|USER)[ ](?!{SAFE})"
            rf"(?P<secret>[A-Za-z][\w.@+-]{{1,40}}[A-Za-z0-9])(?=$|[ ,;:)\]'\"])"
        ),
        hints="user login",
        confirms=_is_spoken_person,
    ),
    rule(
        "user",
        (
            rf"(?:/home/|/Users/|\\Users\\{{1,4}})(?!{SAFE})(?P<secret>(?!(?:runner|node|app"
            rf"|ubuntu|root|user|shared|public|default|circleci|vsts|jenkins|build"
            rf"|www)\b)[A-Za-z][\w.-]{{1,40}})(?=[/\\:\"'\s,;)]|$)"
        ),
        hints="/home/ /users/ \\users\\",
    ),
    rule(
        "customer",
        rf"""(?i)(?<![a-z])(?:tenant|customer|org(?:ani[sz]ation)?|account|workspace|client
                |subscriber|merchant|member|patient|policy|contract|subscription)(?:[_. -]?(?:id|no
                |nr|number|ref|key|slug|code|name|uuid))?
            \\{{0,4}}[\"']?\s{{0,2}}(?:=>|[:=\#]|[ ](?:\#[ ]?)?
                (?=[\"']?[\w-]{{0,20}}\d))\s{{0,2}}\\{{0,4}}[\"']?(?!{SAFE})(?P<secret>
                (?=[\w.:/-]{{0,40}}[\d_-]|[a-z])[A-Za-z0-9][\w.-]{{1,62}}\w)""",
        anchor=(
            r"tenant|customer|org|account|workspace|client|subscriber|merchant|member"
            r"|patient|policy|contract|subscription"
        ),
        confirms=_is_customer,
    ),
    rule(
        "customer",
        (
            r"(?<![A-Za-z0-9_])(?:cus|acct|cust|usr|org|ten|tenant|sub|mem"
            r"|wsp)_[A-Za-z0-9]{6,40}(?![A-Za-z0-9_])"
        ),
        hints="_",
        confirms=lambda found: any(map(str.isdigit, found[0])),
    ),
    rule(
        "customer",
        (
            r"(?<![A-Za-z0-9_-])(?:CUST|CUS|ACCT|ACC|CLIENT|TENANT|CRM|KD|KND|CN|MEMBER"
            r"|ORG)[-_#]?\d{3,16}(?![A-Za-z0-9_])"
        ),
    ),
)
