"""What a state gives: the numbers by which it knows its people."""

import re
from collections.abc import Callable

from bot.core.redaction import checksum
from bot.core.redaction.rule import VALUE, VALUE_SIGN, WORD_BEGINS, Rule, after, digits, rule

_SURE = (
    r"(?:ssn|itin|nino|nhs|tfn|social[ _.-]?(?:security|insurance)|national[ _.-]?insurance"
    r"|(?:national|personal)[ _.-]?(?:id(?:entity|entification)?|register)(?:[ _.-]?card)?"
    r"|identity[ _.-]?card|id[ _.-]?card|resident[ _.-]?registration|my[ _]?number|civil[ _.-]?id"
    r"|citizen(?:ship)?[ _.-]?(?:id|number)|birth[ _.-]?number|voter[ _.-]?id|pan[ _.-]card"
    r"|emirates[ _.-]?id|taiwan[ _.-]?id|thai[ _.-]?id|passport|visa[ _.-]?number"
    r"|tax[ _.-]?(?:payer)?[ _.-]?(?:id(?:entification)?|file|number|code|payer)"
    r"|vat[ _.-]?(?:id|number|no|reg(?:istration)?)"
    r"|driver'?s?[ _.-]?licen[sc]e|driving[ _.-]?licen[sc]e|licen[sc]e[ _.-]?plate"
    r"|number[ _.-]?plate|medicare|medicaid|mrn|medical[ _.-]?record|patient[ _.-]?(?:no|number|nr)"
    r"|(?:health|insurance|insured)[ _.-]?(?:card|insurance|policy|person)?[ _.-]?(?:id|number|no)"
    # the names that countries have for theirs
    r"|steuer[ _.-]?(?:id(?:entifikationsnummer|nr)?|nummer|nr)|ust[ _.-]?id(?:[ _.-]?nr)?"
    r"|versicherten[ _.-]?(?:nummer|nr)|[rs]vnr|personalausweis"
    r"|(?:sozial|renten|kranken)versicherungs?[ _.-]?(?:nummer|nr)|reisepass|führerschein"
    r"|ausweis[ _.-]?(?:nummer|nr)|kennzeichen|ahv(?:[ _.-]?(?:nummer|nr))?"
    r"|num[eé]ro[ _]de[ _]s[eé]cu|s[eé]curit[eé][ _]sociale|dni|nie|nif|nuss|curp|cuil|cuit"
    r"|cpf|cnpj|c[eé]dula|tckn|kimlik(?:[ _.-]?no)?|codice[ _]fiscale|partita[ _]iva|niss|insz"
    r"|carta[ _]d'?identit[aà]|bsn|burgerservice(?:nummer)?|rijksregister(?:nummer)?"
    r"|registre[ _]national|cpr(?:[ _.-]?(?:nummer|nr))?|person[ _.-]?(?:nummer|num|nr)"
    r"|f[øo]dselsnummer|hetu|henkil[öo]tunnus|kennitala|isikukood|personas[ _]kods"
    r"|asmens[ _]kodas|pesel|rodn[eé][ _][cč][ií]slo|cnp|egn|oib|em[sš]o|jmbg|amka"
    r"|teudat[ _]zehut|iqama|cnic|nicop|aadhaa?r|nric|mykad|hkid|rrn|npwp|snils|rnokpp"
    r"|身份证(?:号码?)?|주민등록번호|マイナンバー|個人番号|ИНН|СНИЛС|ЕГН|паспорт)"
)
"""Names that mean such a number whatever stands between it and its name."""
_UNSURE = (
    r"(?:sin|tin|pan|inn|iin|ein|rut|nin|bvn|nid|nic|ni|afm"
    r"|taj|nip|nit|dl|vin|nik|ktp|avs|tc|ppsn?)"
)
"""Names that are words as well, or other things: they need a sign after them, or "number"."""
_NUMBER = r"(?:[ _.-]?(?:number|num|no|nr|id|code)\.?)"
_VALUE = (
    r"(?P<secret>(?=[A-Z0-9 ./-]{0,14}\d)(?:[A-Z0-9][A-Z0-9./-]{4,24}(?:\([A0-9]\))?"
    r"|\d{2,4}(?=[ ]\d))(?:[ ](?:\d{2,6}|[A-Z](?=[ ]\d))){0,4})"
)

_DAY = re.compile(r"\d{4}[-./]\d\d[-./]\d\d|\d\d[./]\d\d[./]\d{4}")


def _is_no_day(found: re.Match[str]) -> bool:
    """`fin: 2026-11-21` is an end, in Spanish."""
    return _DAY.match(found["secret"]) is None and sum(map(str.isdigit, found["secret"])) >= 6


# ---- told by their shape and their check digits

_LETTERS_OF_23 = "TRWAGMYFPDXBNJZSQVHLCKE"


def _is_cpf(text: str) -> bool:
    """Receita Federal: two check digits, each a weighted sum modulo 11."""
    number = digits(text)
    return len(set(number)) > 1 and all(
        checksum.weighted(number[:n], range(n + 1, 1, -1)) * 10 % 11 % 10 == int(number[n])
        for n in (9, 10)
    )


def _is_cnpj(text: str) -> bool:
    """Receita Federal: as the CPF, with other weights."""
    number, weights = digits(text), (6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2)
    return all(
        checksum.weighted(number[:n], weights[13 - n :]) * 10 % 11 % 10 == int(number[n])
        for n in (12, 13)
    )


def _is_dni(text: str) -> bool:
    """Ministerio del Interior: the letter is the number modulo 23; X, Y, Z stand for 0, 1, 2."""
    number = digits(text[:-1].translate(str.maketrans("XYZ", "012")))
    return _LETTERS_OF_23[int(number) % 23] == text[-1]


def _is_nir(text: str) -> bool:
    """INSEE: the last two digits complete the number to a multiple of 97; Corsica has letters."""
    number = text.replace(" ", "").replace("2A", "19").replace("2B", "18")
    return number.isdecimal() and 97 - int(number[:13]) % 97 == int(number[13:])


def _is_codice_fiscale(text: str) -> bool:
    """Agenzia delle Entrate: the letters of the day and month, the check is left to the shape."""
    return int(digits(text[9:11])) % 40 in range(1, 32)


def _is_ahv(text: str) -> bool:
    """Switzerland's ZAS: the check digit of an EAN-13."""
    number = digits(text)
    return (checksum.weighted(number, (1, 3) * 6 + (1,))) % 10 == 0


def _is_niss(text: str) -> bool:
    """Belgium's national register: modulo 97, with a 2 in front for those born since 2000."""
    number = digits(text)
    return any(97 - int(front + number[:9]) % 97 == int(number[9:]) for front in ("", "2"))


def _is_hetu(text: str) -> bool:
    """Finland's Digital and Population Data Services Agency: modulo 31 gives a letter."""
    number = text[:6] + text[7:10]
    return checksum.is_day(text[:6], "dmy") and (
        "0123456789ABCDEFHJKLMNPRSTUVWXY"[int(number) % 31] == text[10]
    )


def _is_birth_number(text: str) -> bool:
    """The Czech and Slovak ministries of the interior: a multiple of 11; women's months have 50 or
    70 more, and some men's 20."""
    number = digits(text)
    month = int(number[2:4]) % 50 % 20
    return int(number) % 11 == 0 and checksum.is_day(f"{number[:2]}{month:02}{number[4:6]}", "ymd")


def _is_norwegian(text: str) -> bool:
    """Skatteetaten: two check digits modulo 11."""
    number = digits(text)
    weights = ((3, 7, 6, 1, 8, 9, 4, 5, 2, 1), (5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1))
    return checksum.is_day(number[:6], "dmy") and all(
        checksum.weighted(number, those) % 11 == 0 for those in weights
    )


def _is_emso(text: str) -> bool:
    """The states that were Yugoslavia: a day, a region, modulo 11."""
    weights = (7, 6, 5, 4, 3, 2) * 2 + (1,)
    year = ("1" if text[4] == "9" else "2") + text[4:7]
    return checksum.is_day(text[:4] + year, "dmy") and checksum.weighted(text, weights) % 11 == 0


def _is_south_african(text: str) -> bool:
    """Department of Home Affairs: a day, and Luhn's check digit."""
    return checksum.is_day(text[:6], "ymd") and checksum.luhn(text)


def _is_chinese(text: str) -> bool:
    """GB 11643-1999: a day, and ISO 7064's MOD 11-2."""
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    check = "10X98765432"[checksum.weighted(text[:17], weights) % 11]
    return checksum.is_day(text[6:14], "ymd") and check == text[17].upper()


def _is_korean(text: str) -> bool:
    """Ministry of the Interior and Safety: a day; the rest has been drawn by lot since 2020."""
    return checksum.is_day(text[:6], "ymd")


def _is_malaysian(text: str) -> bool:
    """Jabatan Pendaftaran Negara: a day and a place."""
    return checksum.is_day(text[:6], "ymd") and text[7:9] not in ("00", "17", "18", "19", "20")


def _is_nric(text: str) -> bool:
    """Singapore's ICA: weights, then a letter for the remainder of 11."""
    total = checksum.weighted(text[1:8], (2, 7, 6, 5, 4, 3, 2)) + _NRIC_OFFSETS[text[0]]
    return _NRIC_LETTERS[text[0]][total % 11] == text[-1]


_NRIC_OFFSETS = {"S": 0, "T": 4, "F": 0, "G": 4, "M": 3}
_NRIC_LETTERS = {
    **dict.fromkeys("ST", "JZIHGFEDCBA"),
    **dict.fromkeys("FG", "XWUTRQPNMLK"),
    "M": "XWUTRQPNJLK",
}


def _is_hkid(text: str) -> bool:
    """Hong Kong's Immigration Department: letters count from 10, a blank 36; modulo 11."""
    number = text[: text.index("(")].rjust(8)
    values = [36 if one == " " else int(one, 36) for one in number]
    total = sum(value * weight for value, weight in zip(values, range(9, 1, -1), strict=True))
    return (total + int(text[-2], 36)) % 11 == 0


def _is_thai(text: str) -> bool:
    """Department of Provincial Administration: weights from 13 down, modulo 11."""
    number = digits(text)
    return (11 - checksum.weighted(number[:12], range(13, 1, -1)) % 11) % 10 == int(number[12])


def _is_snils(text: str) -> bool:
    """Russia's pension fund: weights from 9 down, modulo 101."""
    number = digits(text)
    return checksum.weighted(number[:9], range(9, 0, -1)) % 101 % 100 == int(number[9:])


def _is_rut(text: str) -> bool:
    """Chile's Registro Civil: weights 2 to 7 from the right, modulo 11; 10 is K."""
    number = digits(text[:-1])
    rest = -checksum.weighted(number[::-1], (2, 3, 4, 5, 6, 7, 2, 3)) % 11
    return "0123456789K"[rest] == text[-1].upper()


def _is_cuil(text: str) -> bool:
    """Argentina's ANSES: modulo 11."""
    number = digits(text)
    return -checksum.weighted(number[:10], (5, 4, 3, 2, 7, 6, 5, 4, 3, 2)) % 11 == int(number[10])


def _is_day_of_rfc(text: str) -> bool:
    """Mexico's SAT and RENAPO: the day of birth after the letters."""
    return checksum.is_day(re.sub(r"^\D+", "", text)[:6], "ymd")


def _is_nhs(text: str) -> bool:
    """NHS Data Dictionary: weights from 10 down, modulo 11."""
    number = digits(text)
    return -checksum.weighted(number[:9], range(10, 1, -1)) % 11 == int(number[9])


def _is_pension(text: str) -> bool:
    """Deutsche Rentenversicherung, VKVV: a letter as two digits, the digits of products added."""
    compact = text.replace(" ", "")
    number = f"{compact[:8]}{ord(compact[8]) - 64:02}{compact[9:]}"
    weights = (2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1)
    products = (int(one) * weight for one, weight in zip(number, weights, strict=False))
    return sum(product // 10 + product % 10 for product in products) % 10 == int(number[-1])


_DATE = r"\d\d(?:0\d|1[0-2])[0-3]\d"
_ALONE, _END = r"(?<![\w.-])", r"(?![\w-]|\.\d)"
_SHAPES: tuple[tuple[str, str, Callable[[str], bool] | None], ...] = (
    ("Brazil's CPF", r"\d{3}\.\d{3}\.\d{3}-\d\d", _is_cpf),
    ("Brazil's CNPJ", r"\d\d\.\d{3}\.\d{3}/\d{4}-\d\d", _is_cnpj),
    ("Spain's DNI and NIE", r"(?:\d{8}|[XYZ]\d{7})-?[A-Z]", _is_dni),
    (
        "Italy's codice fiscale",
        r"[A-Z]{6}\d\d[A-EHLMPRST]\d\d[A-Z]\d{3}[A-Z]",
        _is_codice_fiscale,
    ),
    (
        "France's NIR",
        r"[12] ?\d\d ?(?:0[1-9]|1[0-2]) ?(?:\d\d|2[AB]) ?\d{3} ?\d{3} ?\d\d",
        _is_nir,
    ),
    ("Switzerland's AHV number", r"756\.\d{4}\.\d{4}\.\d\d", _is_ahv),
    ("Belgium's national register", r"\d\d\.\d\d\.\d\d-\d{3}\.\d\d", _is_niss),
    ("Finland's personal identity code", r"\d{6}[-+A-FU-Y]\d{3}[0-9A-Y]", _is_hetu),
    ("the Czech and Slovak birth number", r"\d{6}/\d{4}", _is_birth_number),
    ("Norway's fødselsnummer", r"[0-3]\d[01]\d{3} ?\d{5}", _is_norwegian),
    ("the EMŠO and JMBG", r"[0-3]\d[01]\d[90]\d{8}", _is_emso),
    ("Germany's pension insurance number", r"\d\d ?[0-3]\d[01]\d{3} ?[A-Z] ?\d{3}", _is_pension),
    ("the United Kingdom's NHS number", r"\d{3} \d{3} \d{4}", _is_nhs),
    (
        "the United Kingdom's driving licence",
        r"[A-Z9]{5}\d[0156]\d[0-3]\d\d[A-Z9]{2}\d[A-Z]{2}",
        None,
    ),
    ("the United States' ITIN", r"9\d\d-[5-9]\d-\d{4}", None),
    ("South Africa's identity number", rf"{_DATE}\d{{4}}[01][89]\d", _is_south_african),
    ("China's resident identity number", r"[1-9]\d{16}[\dXx]", _is_chinese),
    ("Korea's resident registration number", rf"{_DATE}-\d{{7}}", _is_korean),
    ("Malaysia's MyKad", rf"{_DATE}-\d\d-\d{{4}}", _is_malaysian),
    ("Singapore's NRIC and FIN", r"[STFGM]\d{7}[A-Z]", _is_nric),
    ("Thailand's identity number", r"[1-8]-\d{4}-\d{5}-\d\d-\d", _is_thai),
    ("the Emirates' ID", r"784-\d{4}-\d{7}-\d", None),
    ("Pakistan's CNIC", r"[1-8]\d{4}-\d{7}-\d", None),
    (
        "India's Aadhaar",
        r"(?<!\d )[2-9]\d{3} \d{4} \d{4}(?! \d)",
        lambda text: checksum.verhoeff(digits(text)),
    ),
    ("India's PAN", r"[A-Z]{3}[ABCFGHJLPT][A-Z]\d{4}[A-Z]", None),
    ("Russia's SNILS", r"\d{3}-\d{3}-\d{3} \d\d", _is_snils),
    ("Chile's RUT", r"\d{1,2}\.\d{3}\.\d{3}-[\dkK]", _is_rut),
    ("Argentina's CUIL and CUIT", r"(?:2[0347]|3[034])-\d{8}-\d", _is_cuil),
    ("Mexico's CURP", rf"[A-Z]{{4}}{_DATE}[HMX][A-Z]{{5}}[A-Z0-9]\d", _is_day_of_rfc),
    ("Mexico's RFC, of people", rf"[A-ZÑ]{{4}}{_DATE}[A-Z0-9]{{3}}", _is_day_of_rfc),
)
"""What, its shape, and what confirms it where others could have the shape."""


def _shape(what: str, shape: str, confirms: Callable[[str], bool] | None) -> Rule:
    return rule(
        "national-id",
        what,
        rf"{_ALONE}{shape.replace(' ', '[ ]')}{_END}",
        sign=re.sub(r"\(\?<?!.*?\)", "", shape),
        confirms=lambda found: confirms is None or confirms(found[0]),
    )


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
        rf"(?i){WORD_BEGINS}{_SURE}{_NUMBER}?(?![a-z])\\?[\"']?{VALUE}{_VALUE}",
        sign=rf"(?i){_SURE}{_NUMBER}?[^A-Za-z]",
        starts=rf"(?i){_SURE}{_NUMBER}?{VALUE_SIGN}[A-Z0-9 ./-]{{0,14}}\d",
    ),
    rule(
        "national-id",
        "the same after a name that is a word as well, if a sign, `number` or many digits follow",
        rf"""(?i)(?<![A-Za-z]){_UNSURE}(?:{_NUMBER}(?![a-z])\\?[\"']?{VALUE}
            |\\?[\"']?\s{{0,2}}[:=\#]\s{{0,2}}\\?[\"']?|[ ](?=(?:\d[ -]?){{9}})){_VALUE}""",
        sign=rf"(?i){after('A-Za-z')}{_UNSURE}{_NUMBER}?{VALUE_SIGN}[A-Z0-9]",
        starts=rf"(?i){_UNSURE}{_NUMBER}?{VALUE_SIGN}[A-Z0-9][A-Z0-9 ./-]{{0,13}}\d",
        confirms=_is_no_day,
    ),
    rule(
        "national-id",
        "Hong Kong's identity card",
        rf"{_ALONE}[A-Z]{{1,2}}\d{{6}}\([0-9A]\)",
        sign=after(r"\w.-") + r"[A-Z]{1,2}\d{6}\([0-9A]\)",
        confirms=lambda found: _is_hkid(found[0]),
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
        "the lines of a passport or a card that machines read (ICAO 9303)",
        r"(?<![\w<])(?=[A-Z0-9<]{0,44}<<)[PIACV][A-Z<][A-Z]{3}[A-Z0-9<]{25,39}(?![\w<])"
        r"|(?<![\w<])[A-Z0-9<]{9}\d[A-Z]{3}\d{7}[MFX<]\d{7}[A-Z0-9<]{2,16}(?![\w<])",
        sign=r"[A-Z0-9]<<|\d[A-Z]{3}\d{7}[MFX<]\d{7}",
    ),
    *(_shape(*row) for row in _SHAPES),
)
