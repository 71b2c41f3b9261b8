"""Codes that are typed: good once, kept for the day a telephone is lost, on a card, to unlock."""

from bot.core.redaction.rule import QUOTE, SAFE, rule

_NAME = (
    r"(?:(?:2fa|mfa|otp|totp|two-factor|one-time|verification|security|login|sign-?in|sms"
    r"|confirmation|authentication|activation|access|unlock)[ ](?:pass)?code)"
)
_ABROAD = (
    r"(?:\b(?:bestätigungs|verifizierungs|sicherheits|zugangs|anmelde|freischalt|aktivierungs"
    r"|verificatie|bevestigings|beveiligings)code|\b(?:bekräftelse|verifierings)kod"
    r"|\b(?:bekræftelses|verifikations)kode|\bdoğrulama[ ]kodu(?:nuz)?"
    r"|\bcode[ ]de[ ](?:vérification|confirmation|sécurité|validation)"
    r"|\bc[oó]digo[ ]de[ ](?:verificaci[oó]n|verifica[cç][aã]o|confirmaci[oó]n|confirma[cç][aã]o"
    r"|seguridad|segurança|acceso|acesso)|\bcodice[ ](?:di[ ](?:verifica|conferma|sicurezza)|otp)"
    r"|\bkod[ ](?:weryfikacyjny|autoryzacyjny|sms)|\bkode[ ](?:verifikasi|otp)"
    r"|\bmã[ ](?:xác[ ](?:nhận|minh|thực)|otp)"
    r"|\bкод[ ](?:подтверждения|доступа|авторизации|проверки)"
    r"|验证码|驗證碼|認証コード|確認コード|인증[ ]?(?:번호|코드))"
)
"""What such a code is called elsewhere."""
_IS = r"(?:[ ]?[:=：]|[ ]?(?:lautet|ist|est|es|is|var|[èé]|は|은|는|是|为|為))"
_MEASURED = (
    r"\b(?:expir|valid|length|ttl|time|limit|count|attempt|second|minute|status|error|version|fail|port"
    r"|size|retr|release|number[ ]of)"
)
"""What else is counted of a code."""

_CODE = r"[\"']?(?=[a-z-]{0,8}\d)[a-z0-9]{4,10}(?:-[a-z0-9]{4,10}){0,3}[\"']?"
"""One of a list."""

RULES = (
    rule(
        "secret",
        "a code that is good once: verification code 123456",
        rf"""(?i)\b(?:{_NAME}|pin|puk|t?otp|your[ ](?:[\w-]{{1,20}}[ ]){{0,3}}(?:pass)?code)
            [ :\#]{{1,3}}(?P<secret>\d{{4,8}}|\d{{3}}[ -]\d{{3}})\b""",
        sign=r"(?i)(?:code|pin|puk|otp)[ :#]{1,3}\d{3}",
    ),
    rule(
        "secret",
        "the same with words between: OTP for ann (login): 123456",
        rf"""(?i)\b(?:{_NAME}|t?otp|pin(?![ ][a-z]?\d))\b(?![^:=\n]{{0,60}}?{_MEASURED})
            (?:[ ][^\s:=\"']{{1,64}}){{0,6}}?(?:[ ](?:is|was|are):?|[ ]?[:=])[ ]{{1,2}}
            [<\[(\"']?[ ]?(?P<secret>\d{{4,8}}|\d{{3}}[ -]\d{{3}})
            (?![\w-]|\.\d|[ ](?:attempt|second|time|trie|m?s\b))""",
        sign=r"(?i)(?:code|pin|otp)[^\n]*(?:is|was|are|:|=) {1,2}[<\[(\"']? ?\d{3}",
    ),
    rule(
        "secret",
        "the same in other languages: Ihr Bestätigungscode: 123456",
        rf"""(?i){_ABROAD}{_IS}?[ ]{{0,2}}[:：]?[ ]{{0,2}}[<\[(\"'【「]?[ ]?
            (?P<secret>\d{{4,8}}|\d{{3}}[ -]\d{{3}})(?!\d|[.-]\d)""",
        sign=r"(?i)(?:code|digo|codice|kod|m\?|\?)[^\n]*\d{3}",
    ),
    rule(
        "card",
        "the code on the back of a card",
        r"""(?i)\b(?:cvv2?|cvc2?|cvn|card[ ]security[ ]code)[ ](?:is[ ]|was[ ])?
            (?P<secret>\d{3,4})\b""",
        sign=r"(?i)\b(?:cvv2?|cvc2?|cvn|security code) (?:is |was )?\d{3}",
    ),
    rule(
        "secret",
        "the same as a message to its owner has it: 123456 is your code",
        r"""\b(?P<secret>(?:[A-Z]-)?\d{4,8})[ ](?:(?:is|as)[ ](?:your|the)[ ]
                (?:[\w-]{1,20}[ ]){0,3}(?:(?:pass)?code|OTP|PIN)
            |(?:(?<=[Uu]se[ ]\d{4}[ ])|(?<=[Uu]se[ ]\d{6}[ ])|(?<=[Uu]se[ ]\d{8}[ ]))to[ ]
                (?:sign[ ]in|log[ ]?in|verify|confirm|reset|authenticate))\b""",
        sign=r"\d (?:(?:is|as) (?:your|the) |to (?:sign|log|verify|confirm|reset|auth))",
    ),
    rule(
        "secret",
        "the same in other languages: Ihr Code lautet 123456",
        r"""(?i)(?:\b(?:code|c[oó]digo|codice|kod)[ ](?:lautet|est|es|[èé])[ :]{1,2}
            |\bкод[ ]?[:：]?[ ]?)
            (?P<secret>\d{4,8})\b""",
        sign=r"(?i)(?:code|digo|codice|kod) \S+[ :]+\d|\?{2,} ?[?:]? ?\d",
    ),
    rule(
        "secret",
        "a list of codes, for those who lost their telephone",
        rf"""(?i)\b(?:backup|recovery|scratch|emergency)[ _-]?codes?(?:{QUOTE})?[ :=]{{1,3}}\[?
            (?!{SAFE})(?P<secret>{_CODE}(?:(?:,[ ]?|[ ]){_CODE}){{1,23}})""",
        sign=r"(?i)(?:backup|recovery|scratch|emergency)[ _-]?code",
    ),
    rule(
        "secret",
        "one of them: two groups, or letters and digits",
        r"""(?i)\b(?:backup|recovery|scratch|emergency)[ ]code[ :#]{1,3}[\"'`]?
            (?P<secret>(?=[a-z-]{0,16}\d)(?=[\d-]{0,16}[a-z])[a-z0-9]{4,10}(?:-[a-z0-9]{4,10}){1,3}
            |\d{4,8}(?:-\d{4,8}){1,3}|(?=[a-z]{0,8}\d)(?=\d{0,8}[a-z])[a-z0-9]{8,16})\b""",
        sign=r"(?i)(?:backup|recovery|scratch|emergency) code",
    ),
    rule(
        "secret",
        "what unlocks a product, in groups: license key ABCD1-...",
        r"""(?i)\b(?:(?:licen[cs]e|activation|serial|registration)[ ]?(?:key|code|number)?
            |product[ ]?key)[ ]?[:=\#]?[ ]?[\"']?
            (?P<secret>(?-i:(?=[A-Z-]{0,40}\d)(?=[\d-]{0,40}[A-Z])
                [A-Z0-9]{4,8}(?:-[A-Z0-9]{4,8}){2,7}))(?![\w-])""",
        sign=r"(?i)(?:licen[cs]e|product|activation|serial|registration)[^\n]*[A-Z0-9]{4,8}-",
    ),
)
