"""What a state gives: the numbers by which it knows its people."""

import re

from bot.core.redaction.rule import VALUE, VALUE_SIGN, after, digits, rule

_NAMES = (
    r"(?:ssn|social[ _-]?security(?:[ _-]?(?:number|no|nr))?|nino"
    r"|national[ _-]?(?:id(?:entity)?|insurance)(?:[ _-]?(?:number|no))?"
    r"|passport(?:[ _-]?(?:number|no|nr|id))?|tax[ _-]?(?:id|number|payer[ _-]?id)|steuer[ _-]?id"
    r"|tin|aadhaar|bsn|pesel|personnummer|driver'?s?[ _-]?licen[sc]e(?:[ _-]?(?:number|no))?"
    r"|identity[ _-]?card|curp|sin|nhs|cpf|dni|nie|nif|pan[ _]card|voter[ _-]?id)"
    r"(?:[ _-]?(?:number|num|no|nr|id))?"
)


def _is_cpf(found: re.Match[str]) -> bool:
    """Receita Federal: two check digits, each a weighted sum modulo 11."""
    number = [int(d) for d in digits(found[0])]
    return len(set(number)) > 1 and all(
        (sum(d * w for d, w in zip(number, range(n + 1, 1, -1), strict=False)) * 10 % 11) % 10
        == number[n]
        for n in (9, 10)
    )


def _is_dni(found: re.Match[str]) -> bool:
    """Ministerio del Interior: the letter is the number modulo 23; X, Y, Z stand for 0, 1, 2."""
    number = found[0].upper().translate(str.maketrans("XYZ", "012"))
    return "TRWAGMYFPDXBNJZSQVHLCKE"[int(digits(number[:-1])) % 23] == found[0][-1].upper()


def _is_nir(found: re.Match[str]) -> bool:
    """INSEE: the last two digits complete the number to a multiple of 97."""
    text = found[0].replace(" ", "")
    return text.isdecimal() and 97 - int(text[:13]) % 97 == int(text[13:])


RULES = (
    rule(
        "national-id",
        "the United States' SSN, less the ranges the SSA never issues",
        r"\d(?<![\w.-]\d)(?<!9)\d\d(?<!000)(?<!666)-(?!00)\d\d-(?!0000)\d{4}(?![\w-])",
        sign=after(r"\w.-") + r"\d{3}-\d\d-\d{4}",
    ),
    rule(
        "national-id",
        "whatever has digits after the name of such a number",
        rf"""(?i)\b{_NAMES}\b\\?[\"']?{VALUE}(?P<secret>
            (?=[A-Z0-9 ./-]{{0,14}}\d)(?:[A-Z0-9][A-Z0-9./-]{{4,24}}|\d{{2,4}}(?=[ ]\d))
            (?:[ ]\d{{2,6}}){{0,4}})""",
        sign=rf"(?i)\b{_NAMES}\b{VALUE_SIGN}[A-Z0-9 ./-]{{0,14}}\d",
    ),
    rule(
        "national-id",
        "the United Kingdom's national insurance number, less the prefixes HMRC never uses",
        r"""(?<!\w)(?![BGKNT][KNZ]|[DFIQUV]|.[DFIOQUV])
            [A-Z]{2}[ ]?\d\d[ ]?\d\d[ ]?\d\d[ ]?[A-D](?!\w)""",
        sign=after(r"\w") + r"[A-Z]{2} ?\d\d ?\d\d ?\d\d ?[A-D]",
    ),
    rule(
        "national-id",
        "Brazil's CPF",
        r"(?<![\w.-])\d{3}\.\d{3}\.\d{3}-\d\d(?![\w-])",
        sign=r"\d{3}\.\d{3}\.\d{3}-\d\d",
        confirms=_is_cpf,
    ),
    rule(
        "national-id",
        "Spain's DNI and NIE",
        r"(?<![\w-])(?:\d{8}|[XYZ]\d{7})-?[A-Z](?![\w-])",
        sign=after(r"\w-") + r"(?:\d{8}|[XYZ]\d{7})-?[A-Z]",
        confirms=_is_dni,
    ),
    rule(
        "national-id",
        "Italy's codice fiscale",
        r"(?<!\w)[A-Z]{6}\d\d[A-EHLMPRST]\d\d[A-Z]\d{3}[A-Z](?!\w)",
        sign=r"[A-Z]{6}\d\d[A-EHLMPRST]\d\d[A-Z]\d{3}[A-Z]",
    ),
    rule(
        "national-id",
        "France's NIR",
        r"""(?<![\w.-])[12][ ]?\d\d[ ]?(?:0[1-9]|1[0-2])[ ]?(?:\d\d|2[AB])[ ]?\d{3}[ ]?\d{3}[ ]?\d\d
            (?![\w-])""",
        sign=after(r"\w.-") + r"[12] ?\d\d ?[01]\d ?(?:\d\d|2[AB]) ?\d{3} ?\d{3} ?\d\d",
        confirms=_is_nir,
    ),
)
