"""Secrets that were refused, told with the name of the field they were given for."""

import re
from collections.abc import Callable
from functools import cache

from bot.core import linear
from bot.core.redaction.names import FULL_SIGN, NAME, NAME_SIGN, is_value, says_something
from bot.core.redaction.rule import CLOSES, NO_WORD, OPENS, QUOTED, SAFE, SPACE, rule, unseen

_MARK = r"\\{0,4}[\"'`]"
_QUOTED = rf"(?={_MARK}){OPENS}(?!{SAFE})(?P<quoted>{QUOTED}{{1,512}}+){CLOSES}"
_GOES_ON = (
    r"[\\\"'`\]]*(?: with value| must | \(`|: (?:invalid|unsupported|duplicate|rejected) |:\n)"
)

_NEAR = 300


@cache
def _way() -> Callable[[bytes, int], int]:
    return linear.where(
        unseen(
            rf"(?i)\b(?:(?:loc|field|param|property|label|key|instancePath|dataPath|pointer)[\\\"'`]*"
            rf"{SPACE}?[:=]|path[\\\"'`]*{SPACE}?[:=]{SPACE}?[\[(])[^:={{}}\n]*{FULL_SIGN}[\\\"'`\])]"
        )
    )


def _is_of_secret(found: re.Match[str]) -> bool:
    """Whether what stands around it names a field that is secret."""
    if not says_something(found["quoted"]):
        return False
    text, start, end = found.string, found.start(), found.end()
    return any(
        _way()(linear.seen(near), 0) >= 0
        for near in (text[max(0, start - _NEAR) : start], text[end : end + _NEAR])
    )


RULES = (
    rule(
        "secret",
        "the value, then its name, as readers of flags and binders of forms have it",
        rf"""(?i)\b(?:value|argument)[ ](?={_MARK}){OPENS}(?!{SAFE})
            (?P<secret>{QUOTED}{{3,512}}+){CLOSES}[ ](?:is[ ](?:not[ ]|in)valid[ ])?for[ ]
            (?:(?:flag|option|field|argument|parameter|property)[ ])?(?:{_MARK})?
            [\w.-]{{0,64}}?{NAME}(?![\w-])""",
        sign=r"(?i)(?:value|argument) [\\\"'`]",
        confirms=is_value,
    ),
    rule(
        "secret",
        "the name, then the value, as Spring, Joi, Mongoose, argparse and Kubernetes have it",
        rf"""(?i){NAME}(?:{_MARK})?\]?(?:(?:[ ]with[ ]value
                |:[ ](?:(?:invalid|unsupported|duplicate)(?:[ ]\w{{1,20}})?[ ]value:)
                |:\n[ ]{{2,6}}|[ ]must[ ][^\n]{{1,160}}?[ ]value[ ]was:[ ]?`?|(?<=`)[ ]\((?=`))
                [ ]?{_QUOTED}
            |:[ ]rejected[ ]value[ ]\[(?!{SAFE})(?P<secret>[^\]\n]{{1,512}})\]
            |[ ]must[ ]be[ ][^\n]{{1,80}}?,[ ](?:got|received|was):?[ ](?!{SAFE})
                (?P<bare>{NO_WORD}[^\s\"'`]{{4,512}}))""",
        sign=rf"(?i){NAME_SIGN}{_GOES_ON}",
        starts=rf"(?i){FULL_SIGN}{_GOES_ON}",
        confirms=lambda found: says_something(found["secret"] or found["quoted"] or found["bare"]),
    ),
    rule(
        "secret",
        "a property and its value on two lines, as Spring Boot tells what it could not bind",
        rf"""(?i)\bproperty:[ ][\w.\[\]-]{{0,100}}?{NAME}\s{{1,16}}value:[ ]\"?(?!{SAFE})
            (?P<secret>[^\"\n]{{1,512}})""",
        sign=r"(?i)\bproperty: ",
        confirms=is_value,
    ),
    rule(
        "secret",
        "a field and what was given for it, as Pydantic has it",
        rf"""(?i){NAME}(?:\.\w{{1,40}}){{0,4}}(?:\\n|\s){{1,4}}[^\n]{{1,200}}?\binput_value=
            (?!{SAFE}|[\[{{])(?P<secret>'(?:\\.|[^'\\\n]){{1,512}}+'|\"(?:\\.|[^\"\\\n]){{1,512}}+\"
                |[^\s,\]\"']{{3,512}})""",
        sign=r"(?i)input_value=",
        starts=rf"(?i){FULL_SIGN}[\\.\s\x0b\x1c-\x1f?]",
        confirms=is_value,
    ),
    rule(
        "secret",
        "an object that has the way to the field, too: Pydantic's, FastAPI's, Ajv's, Joi's, Zod's",
        rf"""(?i)(?:{_MARK})?\b(?:input|received|value|data|rejected_?value|actual)(?:{_MARK})?\s?[:=]\s?
            {_QUOTED}""",
        sign=r"(?i)(?:input|received|value|data|actual)[\\\"'`]*"
        rf"{SPACE}?[:=]{SPACE}?[\\\"'`]",
        confirms=_is_of_secret,
    ),
    rule(
        "secret",
        "the value, then the way to it in the schema, as Python's jsonschema has it",
        rf"""(?=[\"']){OPENS}(?!{SAFE})(?P<quoted>{QUOTED}{{1,256}}+)(?P=quote)[ ]
            [^\n]{{3,300}}\n{{1,2}}Failed[ ]validating[ ][^\n]{{1,80}}?[ ]in[ ]schema
            [^\n]{{0,200}}\[[\"'](?i:[\w.-]{{0,64}}?{NAME})[\"']\]""",
        sign=r"Failed validating ",
        starts=r"[\"'][^\n]+[\"'] [^\n]+\n\n?Failed validating ",
        confirms=lambda found: says_something(found["quoted"]),
    ),
    rule(
        "secret",
        "the value, then the way to its field, as Jackson has it",
        rf"""\bfrom[ ][Ss]tring[ ](?=\\{{0,4}}\"){OPENS}(?!{SAFE})
            (?P<secret>{QUOTED}{{1,512}}+)(?P=quote)
            [^\n]{{1,400}}?(?:\n[^\n]{{0,400}}?)?\(through[ ]reference[ ]chain:[ ][^\n()]{{0,400}}?
            \[\\{{0,4}}\"(?i:[\w.-]{{0,64}}?{NAME})\\{{0,4}}\"\]\)""",
        sign=r"\(through reference chain: ",
        starts=r"from [Ss]tring \\*\"",
        confirms=is_value,
    ),
    rule(
        "secret",
        "an object with the value, what is the matter with it and its name: express-validator",
        rf"""(?i)\bvalue(?:{_MARK})?:\s?{_QUOTED},\s{{0,8}}(?:{_MARK})?msg(?:{_MARK})?:\s?{_MARK}
            [^\"'`\\\n]{{1,200}}{_MARK},\s{{0,8}}(?:{_MARK})?(?:param|path)(?:{_MARK})?:\s?{_MARK}
            [\w.\[\]-]{{0,64}}?{NAME}{_MARK}""",
        sign=r"(?i)msg[\\\"'`]*:",
        confirms=lambda found: says_something(found["quoted"]),
    ),
)
