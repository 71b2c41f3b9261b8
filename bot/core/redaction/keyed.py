"""Secrets known by the name that stands before them, in any notation."""

import re

from bot.core.redaction import drawn
from bot.core.redaction.given import NAMED, is_given
from bot.core.redaction.names import (
    FULL_SIGN,
    NAME,
    NAME_SIGN,
    OTHER_ALPHABETS,
    TEMPLATE,
    is_value,
    says_something,
)
from bot.core.redaction.rule import (
    CLOSES,
    IS,
    IS_SIGN,
    NO_WORD,
    NOT_YET,
    OPENS,
    QUOTE,
    QUOTE_SIGN,
    QUOTED,
    SAFE,
    SPACE,
    WORD,
    rule,
)

_WRAPPER = (
    r"(?:string\(\d{1,6}\)[ ]"
    r"|(?:Secret(?:Str|Bytes|String|Value)?|str|String|bytes|Some|Just|Optional"
    r"|[\w.]{0,24}(?:crypt|hash|sha\d{1,3}|md5|password|b64|base64|encode|digest)\w{0,8})\("
    rf"|(?i:(?:(?:rejected|invalid|bad)[ ])?value)[ ](?={QUOTE}))"
)
"""What stands around a value: `string(9) "..."` of PHP, `SecretStr('...')`, `crypt('...')`; or
before it, where it was refused: `value '...'`."""
_WITHIN = (
    rf"(?i:(?:\{{|[\w.]{{1,40}}[\[({{])\s?(?:{QUOTE})?(?:value|raw|plaintext|s|string_?value|current"
    rf"|old|new|before|after)(?:{QUOTE})?\s?(?:=>|[:=])\s?)"
)
"""An object in between that holds nothing else of note: `{"password": {"value": "..."}}`, and
`password=Password(value=...)` as Java, Kotlin and Scala print it."""
_QUOTED = rf"(?:{OPENS}(?!{SAFE})(?P<quoted>{QUOTED}{{1,8192}}+)(?:{CLOSES}|$))"
_LETTER = r"[^\s\"'`&,;()\[\]{}<>\\]"
_OF_KEY = _LETTER[:-1] + ":/]"
_BARE = (
    rf"(?!{SAFE}|(?i:value)[ ]{QUOTE}{SAFE})(?:(?<![kK][eE][yY][=:])|(?<=[\w.-][kK][eE][yY][=:])"
    rf"|(?={_OF_KEY}{{0,63}}\d)(?!{_OF_KEY}{{0,64}}[:/]))"
    rf"(?P<bare>(?:{TEMPLATE}|{_LETTER}){_LETTER}{{0,8191}})"
)
"""What `key=` alone tells of is looked at before it is all read: `_IS_KEY` takes little of it."""
_TAG = r"(?:a|b|br|code|dd|div|em|font|i|kbd|label|li|p|pre|samp|span|strong|td|th|tt|u)"
_BRACED = r"(?:(?<==)\{(?=[^\s{}:=]{1,256}\})|\[{1,2}(?=[^\s\[\]]{1,8192}\]))"
"""ODBC and JDBC may have password={...}; Go and Java print lists of one as password:[...]."""
_GIVEN = (
    rf"(?:(?:\s{{0,20}}{_WRAPPER})?{_WITHIN}?(?:[\[(]|<<)?[brfu]?{_QUOTED}"
    rf"|{_WITHIN}?{_BRACED}?{_BARE})"
)
_NOT_SPELLED_OUT = (
    r"(?i:(?<!dsn)(?<!connectionstring)(?<!connection[_.-]string)"
    rf"|(?!{IS.replace('?P<gap>', '?:')}(?:{QUOTE})?(?:[a-z][a-z0-9+.-]{{1,30}}(?:://|:\w{{1,30}}=)"
    r"|[a-z][\w ]{1,40}=|[\w -]{1,40};\s?(?:uid|pwd|trusted)|[245]\.\d{1,3}\.\d{1,3}(?![\w.]))))"
)
"""Not the name of a source of data that is spelled out, so that what is secret in it has a name or
a place of its own; nor the status of what was mailed (RFC 3463), which Postfix calls dsn."""


def _is_name(text: str) -> bool:
    """Whether it is the name of a secret; one with digits in it may be a secret."""
    return NAMED.fullmatch(text) is not None and not any(map(str.isdigit, text))


_HEADER = re.compile(r"[A-Za-z]{1,20}\d{0,2}(?:-[A-Za-z]{1,20}\d{0,2}){0,6}")


def _is_paired(found: re.Match[str]) -> bool:
    """Two texts alone in brackets may be two names: there, a secret is told as in a sentence."""
    secret = found["secret"]
    if not says_something(secret) or NAMED.fullmatch(secret):
        return False
    if found["header"] is not None:
        return re.match(NO_WORD, secret) is not None and not _HEADER.fullmatch(secret)
    surely = found["surely"] or ""
    return "-" in surely or (
        found["closed"] is not None and (bool(surely) or re.match(NO_WORD, secret) is not None)
    )


def _is_of_pair(found: re.Match[str]) -> bool:
    """Two texts that a function is called with, or of a list, may be two names."""
    is_tuple = found["surely"] is not None and found.string[found.end("surely")] == "("
    return is_value(found) and (is_tuple or re.match(NO_WORD, found["secret"]) is not None)


def _is_held(found: re.Match[str]) -> bool:
    """A token may be one of a language: Token(value=if); those of people are drawn by lot."""
    given = found["quoted"] or found["bare"]
    is_token = found[0][:5].casefold() == "token"
    return drawn.is_drawn(given, named=True) if is_token else says_something(given)


_ERROR_OF_OAUTH = re.compile(r"[a-z]{2,20}(?:_[a-z]{2,20}){1,5}")


def _replaces(found: re.Match[str]) -> bool:
    """Not what came of it: `client_secret=<secret> -> invalid_grant`."""
    given = found["quoted"] or found["bare"]
    return says_something(given) and _ERROR_OF_OAUTH.fullmatch(given) is None


RULES = (
    rule(
        "secret",
        "the name and the value of a variable apart, as manifests and task definitions have them",
        rf"""(?i)\b(?:name|key)(?:{QUOTE})?\s{{0,2}}[:=]\s{{0,2}}(?:{QUOTE})?(?!key\b)
            [\w./-]{{0,64}}?{NAME}[\w-]{{0,20}}(?:{QUOTE})?\s{{0,2}},?
            (?:\s{{0,40}}{QUOTE}\w{{1,20}}{QUOTE}:\s?(?:{QUOTE})?[\w.-]{{1,40}}(?:{QUOTE})?,){{0,3}}
            \s{{0,40}}(?:{QUOTE})?value(?:{QUOTE})?\s{{0,2}}[:=]\s{{0,2}}{_WITHIN}?
            (?:{OPENS}(?!{SAFE})(?P<quoted>(?:(?!\s){QUOTED}){{3,8192}}+){CLOSES}
            |(?:{QUOTE})?(?!{SAFE})(?P<bare>[^\s\"'\\,}}]{{3,8192}}))""",
        sign=rf"(?i)value{QUOTE_SIGN}{SPACE}{{0,2}}[:=]",
        confirms=lambda found: says_something(found["quoted"] or found["bare"]),
    ),
    rule(
        "secret",
        "an option and what it gives as two texts of a list, or a name and its value as a pair",
        rf"""(?i)(?:(?P<surely>{QUOTE}--?|(?<=[\[({{,])\s?[(\[][bu]?{QUOTE})
            |[(\[]\s?[bu]?{QUOTE}(?!-)|(?P<header>{QUOTE}(?=[a-z]{{1,20}}-)))
            :?[\w.-]{{0,40}}?{NAME}{QUOTE}(?:>>)?,\s{{0,20}}(?:<<|\[)?
            [bu]?{OPENS}(?!{SAFE}|--)(?P<secret>{QUOTED}{{3,8192}}+){CLOSES}
            (?P<closed>\s?,?\s?[)\]])?""",
        sign=rf"(?i){NAME_SIGN}{QUOTE_SIGN}(?:>>)?,{SPACE}{{0,20}}(?:<<|\[)?[bu]?[\\\"'`%&]",
        confirms=_is_paired,
    ),
    rule(
        "secret",
        'the same as a pair of Erlang and Lisp: {password, "..."}, (:password . "...")',
        rf"""(?i)[{{(]\s?:?[\w.-]{{0,40}}?{NAME}(?:,\s?|[ ]\.[ ])(?:<<)?{OPENS}
            (?!{SAFE})(?P<secret>{QUOTED}{{3,512}}+){CLOSES}(?:>>)?\s?[)}}]""",
        sign=rf"(?i){NAME_SIGN}(?:,{SPACE}?| \. )(?:<<)?[\\\"'`%&]",
        confirms=is_value,
    ),
    rule(
        "secret",
        "a variable that a command sets, after a blank: setx DB_PASSWORD ..., ENV API_KEY ...",
        rf"""(?i)\b(?:ENV|ARG|setx|setenv|fastcgi_param
            |(?:config(?:ure)?|secrets?|variable)[ :]set)[ ][\w.-]{{0,60}}?{NAME}[ ]{{1,8}}
            (?:{OPENS}(?!{SAFE})(?P<quoted>{QUOTED}{{3,512}}+){CLOSES}
            |(?!{SAFE})(?P<bare>[^\s\"'`=;|&]{{3,8192}}))""",
        sign=rf"(?i)(?:ENV|ARG|set(?:x|env)?|fastcgi_param) (?:{WORD}|[ .-])*{NAME_SIGN} ",
        confirms=lambda found: says_something(found["quoted"] or found["bare"]),
    ),
    rule(
        "secret",
        "a block of YAML: its name, a bar or an arrow, and lines that are indented",
        rf"""(?i){NAME}(?:{QUOTE})?:[ ]{{1,4}}[|>][+-]?\d?[ ]{{0,4}}\n(?P<indent>[ \t]{{1,16}})
            (?!{SAFE})(?P<secret>[^\s][^\n]{{0,1024}}(?:\n(?P=indent)[^\n]{{0,1024}}){{0,64}})""",
        sign=rf"(?i){NAME_SIGN}{QUOTE_SIGN}: {{1,4}}[|>]",
        starts=rf"(?i){FULL_SIGN}{QUOTE_SIGN}: {{1,4}}[|>]",
    ),
    rule(
        "secret",
        "the users that a broker of Kafka knows: a login module, and user_name=... for each",
        rf"""LoginModule[^\n]{{0,200}}?[ ]
            (?:user_[\w.-]{{1,64}}=\\{{0,4}}\"<secret>\\{{0,4}}\"[ ]){{0,64}}
            user_[\w.-]{{1,64}}=\\{{0,4}}\"(?!{SAFE})(?P<secret>[^\"\\\n]{{3,512}})\\{{0,4}}\"""",
        sign=rf"LoginModule[^\n]*user_(?:{WORD}|[.-])+=",
    ),
    rule(
        "secret",
        "a line of .pgpass: host, port, database, user, password",
        rf"""(?<![\w.:/-])(?:\*|localhost|[\w-]{{1,63}}(?=:(?:543\d|6432):)|[\w-]{{1,63}}(?:\.[\w-]{{1,63}}){{1,8}}):(?:\*|\d{{2,5}})
            :(?:\*|[\w-]{{1,63}}):(?:\*|[A-Za-z][\w.-]{{0,62}}):
            (?!{SAFE})(?P<secret>{NO_WORD}[^\s:\"'`]{{4,256}})(?=\s|$)""",
        sign=r":(?:\*|\d+):[^\s:]+:[^\s:]+:",
    ),
    rule(
        "secret",
        "what a method that sets it is called with: setPassword('...'), .token('...')",
        rf"""(?i)(?:\b(?:set|with)\w{{0,40}}?|\.){NAME}\(\s{{0,2}}{OPENS}(?!{SAFE})
            (?P<secret>{QUOTED}{{3,512}}+){CLOSES}\s{{0,2}}\)""",
        sign=rf"(?i){NAME_SIGN}\({SPACE}{{0,2}}[\\\"'`%&]",
        confirms=is_value,
    ),
    rule(
        "secret",
        "an object of a class that is named for it: ApiKey(value=...), Password { value: '...' }",
        rf"""(?i:{NAME})[ ]?[\[({{]\s?(?:token)?(?i:value)\s?[:=]\s?(?:Some\()?
            (?:{OPENS}(?!{SAFE})(?P<quoted>{QUOTED}{{3,8192}}+){CLOSES}
            |(?!{SAFE})(?P<bare>[^\s\"'`,;()\[\]{{}}<>]{{3,8192}}))""",
        sign=rf"(?i){NAME_SIGN} ?[\[({{]{SPACE}?(?:token)?value{SPACE}?[:=]",
        starts=rf"(?i){FULL_SIGN} ?[\[({{]{SPACE}?(?:token)?value{SPACE}?[:=]",
        confirms=_is_held,
    ),
    rule(
        "secret",
        "its bytes, as Node prints them: password: <Buffer 5c 82 71 ...>",
        rf"""(?i:{NAME}){IS}(?:<Buffer[ ]|(?:Uint8Array|Buffer)\(\d{{1,6}}\)[ ]\[\s)
            (?P<secret>[\da-f]{{1,3}}(?:,?\s{{1,4}}[\da-f]{{1,3}}){{2,4096}})""",
        sign=r"<Buffer [\da-f]|(?:Uint8Array|Buffer)\(\d",
        starts=rf"(?i){FULL_SIGN}{IS_SIGN}{SPACE}*(?:<Buffer|Uint8Array|Buffer\()",
    ),
    rule(
        "secret",
        "a field of a form that is sent in parts (RFC 7578)",
        rf"""(?i)\bname=(?:{QUOTE})?[\w.-]{{0,40}}?{NAME}(?:{QUOTE})?(?:\\r|\r)?(?:\\n|\n)
            (?:[^\n\\]{{1,80}}(?:\\r|\r)?(?:\\n|\n)){{0,3}}(?:\\r|\r)?(?:\\n|\n)
            (?!{SAFE})(?P<secret>[^\r\n\\]{{1,1024}})""",
        sign=rf"(?i){NAME_SIGN}{QUOTE_SIGN}(?:\\r|\r)?(?:\\n|\n)",
    ),
    rule(
        "secret",
        'a user and a password as a pair of texts: auth=("ann", "..."), credentials {"ann", "..."}',
        rf"""(?i)(?<![a-z])(?:credentials?|creds|(?:(?:basic|http)_?)?auth)(?:{QUOTE})?\s?(?P<surely>[:=]\s?)?
            [({{\[]\s?[bu]?{OPENS}[^\"'\n]{{1,128}}?(?P=quote),\s?[bu]?(?P=quote)(?!{SAFE})
            (?P<secret>{QUOTED}{{3,512}}+){CLOSES}\s?[)}}\]]""",
        sign=rf"(?i)(?:credentials?|creds|auth){QUOTE_SIGN}{SPACE}?(?:[:=]{SPACE}?)?[({{\[]{SPACE}?[bu]?"
        r"[\\\"'`%&]",
        confirms=_is_of_pair,
    ),
    rule(
        "secret",
        "a user and a password as a pair: credentials admin/...",
        rf"""(?i)\b(?:credentials?|creds)(?:[ ](?:are|found|used|were))?[ :=]{{1,2}}
            (?:<user>|[\w.@-]{{1,64}})[ ]?[/:][ ]?
            (?!{SAFE})(?P<secret>{NO_WORD}[^\s\"'`<>/,;]{{4,256}})""",
        sign=r"(?i)\b(?:credentials?|creds)[ :=]",
        confirms=is_value,
    ),
    rule(
        "secret",
        'what PHP serializes: s:8:"password";s:7:"..."',
        rf"""(?i){NAME}\\{{0,4}}\";s:\d{{1,6}}:\\{{0,4}}\"(?!{SAFE})
            (?P<secret>(?:(?!\\{{0,4}}\";).){{1,8192}}+)""",
        sign=rf"(?i){NAME_SIGN}\\*\";s:\d",
        starts=rf"(?i){FULL_SIGN}\\*\";s:\d",
        confirms=is_value,
    ),
    rule(
        "secret",
        "a value of ODBC in braces, which it needs where it has a semicolon: PWD={a;b};",
        rf"""(?i)(?:pwd|password)\s?=\s?\{{(?!{SAFE})(?P<secret>[^{{}}\n]{{1,128}};[^{{}}\n]{{0,128}})\}}""",
        sign=rf"(?i)(?:pwd|password){SPACE}?={SPACE}?\{{[^{{}}\n]*;",
    ),
    rule(
        "secret",
        "what a phone reads to join a network: WIFI:T:WPA;S:name;P:...;;",
        rf"\bWIFI:[^\n]{{0,120}}?\bP:(?!{SAFE})(?P<secret>(?:\\.|[^;\\\n]){{1,128}});",
        sign=r"WIFI:[^\n]*P:",
    ),
    rule(
        "secret",
        "an attribute of a directory in Base64, as LDIF has it (RFC 2849): userPassword:: ...",
        rf"""(?i)\b\w{{0,30}}(?:password|pwd)(?:;[\w-]{{1,30}})?::[ ](?!{SAFE})
            (?P<secret>[A-Za-z0-9+/]{{4,8192}}={{0,2}})""",
        sign=rf"(?i)(?:password|pwd)(?:;(?:{WORD}|-)+)?:: ",
    ),
    rule(
        "secret",
        "name=value, name: value, {'name': 'value'}, [name] => value, name%3Dvalue",
        rf"(?i:{NAME}){_NOT_SPELLED_OUT}{IS}{_GIVEN}",
        sign=rf"(?i){NAME_SIGN}{IS_SIGN}{NOT_YET}",
        starts=rf"(?i){FULL_SIGN}{IS_SIGN}{NOT_YET}",
        confirms=is_given,
    ),
    rule(
        "secret",
        "the same where the name is in another alphabet",
        rf"(?i:{OTHER_ALPHABETS}){IS}{_GIVEN}",
        sign=rf"\?\?{IS_SIGN}",
        confirms=is_given,
    ),
    rule(
        "secret",
        "the same in a page or a mail: <b>Password:</b> <code>...</code>",
        rf"""(?i:{NAME})\s?(?:</\w{{1,10}}>\s?)?[:=]?\s?(?:</?{_TAG}\b[^<>]{{0,80}}>\s{{0,4}}){{1,4}}
            [:=]?\s{{0,4}}(?!{SAFE})(?P<secret>[^\s<>&\"']{{3,512}})
            (?=\s{{0,4}}(?:</?{_TAG}\b|$))""",
        sign=rf"(?i){NAME_SIGN}{SPACE}{{0,2}}(?:[:=]{SPACE}?)?<[/A-Za-z]",
        starts=rf"(?i){FULL_SIGN}{SPACE}{{0,2}}(?:[:=]{SPACE}?)?<[/A-Za-z]",
        confirms=is_value,
    ),
    rule(
        "secret",
        "the same of an object that PHP prints, with who may see it: [pass:Db:private] => ...",
        rf"""(?i){NAME}(?:{QUOTE})?(?::[\w\\]{{1,64}})?:(?:{QUOTE})?(?:private|protected)\]\s?=>\s{{0,20}}
            (?:string\(\d{{1,6}}\)[ ])?(?:{QUOTE})?(?!{SAFE})(?P<secret>[^\s\"'\\]{{3,8192}})""",
        sign=r"(?i)(?:private|protected)\]",
        starts=rf"(?i){FULL_SIGN}{QUOTE_SIGN}:",
        confirms=is_value,
    ),
    rule(
        "secret",
        "the same as an element of XML, named by its tag or by an attribute",
        rf"""(?i:<[\w:.-]{{0,40}}?(?:{NAME}(?:\s[^<>]{{0,80}})?
            |\s(?:name|key|id)=[\"'][\w.-]{{0,64}}?{NAME}[\"'][^<>]{{0,80}})>)(?:<!\[CDATA\[)?(?!{SAFE})
            (?P<secret>[^<>]{{1,1024}}?)(?:\]\]>)?</""",
        sign=r"[^<>]</|\]\]></",
        confirms=lambda found: is_value(found) and not _is_name(found["secret"]),
    ),
    rule(
        "secret",
        "the same as two elements, the name and the value: lists of properties, calls by XML-RPC",
        rf"""<(?P<tag>key|name)>(?i:[\w.-]{{0,64}}?{NAME})</(?P=tag)>\s{{0,40}}
            <(?:string|value)>(?:<string>)?(?!{SAFE})(?P<secret>[^<>]{{1,1024}})</""",
        sign=rf"</(?:key|name)>{SPACE}*<(?:string|value)>",
        confirms=is_value,
    ),
    rule(
        "secret",
        "the same as an attribute of a tag that another attribute names: a field of a form",
        rf"""<(?=[^<>]{{0,300}}\s(?i:name|key|id)=[\"'](?i:[\w.-]{{0,64}}?{NAME})[\"'])
            [^<>]{{0,300}}?\svalue=(?P<quote>[\"'])(?!{SAFE})(?P<secret>[^<>\"']{{1,1024}})(?P=quote)""",
        sign=rf"{SPACE}value=[\"']",
        confirms=is_value,
    ),
    rule(
        "secret",
        "what replaces another secret, as plans of changes show it: password: ... => ...",
        rf"""(?:=>|->|[:=]|(?<=[a-z])[ ])\s{{0,4}}[\"']?<secret>[\"']?\s{{1,4}}(?:=>|->|→)\s{{1,4}}
            (?:{OPENS}(?!{SAFE})(?P<quoted>{QUOTED}{{1,8192}}+){CLOSES}
            |(?!{SAFE})(?P<bare>{NO_WORD}[^\s\"'`,;()<>]{{4,8192}}))""",
        sign=rf"<secret>[\"']?{SPACE}*(?:=>|->|\?)",
        confirms=_replaces,
    ),
    rule(
        "secret",
        "the machines of a .netrc file",
        rf"""\bmachine\s\S{{1,255}}\s{{1,8}}login\s\S{{1,128}}\s{{1,8}}
            (?:account\s\S{{1,128}}\s{{1,8}})?password\s(?!{SAFE})(?P<secret>\S{{1,256}})""",
        sign=rf"{SPACE}login{SPACE}\S+{SPACE}+(?:account|password){SPACE}",
    ),
    rule(
        "secret",
        "the third argument of what connects or logs in, as PHP's traces show it",
        rf"""(?:PDO->__construct|mysqli?_p?connect|mysqli->(?:__construct|(?:real_)?connect)
            |\b\w{{0,40}}Driver->connect|(?:ldap_|LDAP->)bind
            |ftp_login|imap_open)\((?:[^,()\n]{{1,256}},[ ]?){{2}}
            (?='){OPENS}(?!{SAFE})(?P<secret>{QUOTED}{{1,256}}+){CLOSES}""",
        sign=r"(?:PDO->__construct|mysqli?_p?connect|mysqli->|Driver->connect|(?:ldap_|LDAP->)bind"
        r"|ftp_login|imap_open)",
    ),
    rule(
        "secret",
        "the second argument, after a user, of what logs in or sets a password",
        rf"""(?i)(?:log_?(?:in|on)|sign_?in|authenticate
            |(?:check|verify|validate|set|change|reset|update)_?(?:user_?)?(?:password|credentials))
            \({OPENS}[^\"'\n]{{1,256}}?(?P=quote),[ ]?(?P=quote)(?!{SAFE})
            (?P<secret>{QUOTED}{{3,256}}+){CLOSES}""",
        sign=r"(?i)(?:log_?(?:in|on)|sign_?in|authenticate|password|credentials)\([\\\"'`%&]",
        confirms=is_value,
    ),
)
