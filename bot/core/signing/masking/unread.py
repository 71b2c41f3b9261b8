"""What somebody gave in and a program could not read, as runtimes and databases quote it, and
values in statements of SQL. Who sends them chooses them: each would make an error of its own."""

import re

from bot.core.signing.masking import rule

_QUOTED = (
    r"(?:\"(?:[^\"\\]|\\.){0,400}\"|'(?:[^'\\]|\\.){0,400}'|“[^”]{0,400}”|‘[^’]{0,400}’"
    r"|`[^`]{0,400}`)"
)
_BEFORE = (
    # Java, Jackson and .NET
    r"For input string: |Unparseable date: |from String |[Ii]nput string "
    # Python
    r"|could not convert string to (?:float|complex): |[Ii]nvalid isoformat string: "
    r"|invalid literal for int\(\) with base \S{1,5}: |time data "
    # PostgreSQL and MySQL
    r"|invalid input (?:syntax for type [\w ]{1,60}|value for enum [\w.\"]{1,100}): "
    r"|field value out of range: |malformed (?:array|record|range) literal: "
    r"|[Ii]ncorrect [\w ]{1,20} value: "
    # Ruby and Rust
    r"|invalid value for (?:Integer|Float)\(\): |invalid type: string "
    r"|(?:[Uu]nable|[Ff]ailed) to parse "
)
_BEHIND = (
    r" (?:is not an? (?i:valid (?:value|choice|UUID|int(?:eger)?|number|float|decimal|boolean|date"
    r"|time|datetime|e-?mail|ur[il]|ip|phone))\b|is not valid JSON\b|was not recognized as a valid"
    r"|could not be (?:parsed|converted)\b|is out of range for type\b|does not match format\b)"
)
_SIGNS_BEFORE = (
    "For input string: |Unparseable date: |from String |nput string |could not convert string to "
    "|nvalid isoformat string: |invalid literal for int() with base |time data |invalid input "
    "|field value out of range: |malformed |ncorrect |invalid value for |invalid type: string "
    "|nable to parse |ailed to parse "
)
_SIGNS_BEHIND = (
    " is not a| is not valid JSON| was not recognized as a valid| could not be "
    "| is out of range for type| does not match format"
)
_RULES = rule.table(
    (_SIGNS_BEFORE, rf"({_BEFORE}){_QUOTED}", r"\1<value>"),
    (_SIGNS_BEHIND, rf"(?<![\w=]){_QUOTED}(?={_BEHIND})", "<value>"),
    # Go says it twice
    ("parsing ", rf"\b(parsing (?:time )?){_QUOTED}(?=: | as )", r"\1<value>"),
    ("annot parse ", rf"\b([Cc]annot parse ){_QUOTED}", r"\1<value>"),
    # Jackson
    (
        "[Source: ",
        r"\[Source: .{1,2000}?; line: (?=\S{1,5}, column: )",
        "[Source: <value>; line: ",
    ),
    (
        "Unexpected token ",
        r"\bUnexpected token (?:'[^']{1,8}'|[^\s'\"]{1,8})(?=,| in JSON)",
        "Unexpected token",
    ),
)
_STATEMENT = re.compile(
    r"(?i)\b(?:select\b.{1,2000}?\bfrom|(?:insert|replace) into|update\b.{1,200}?\bset|delete from)"
)
_LITERAL = re.compile(
    r"(?i)([=<>(,] ?|\b(?:like|in|values|between|and|then|else) )'(?:[^'\\]|\\.|''){0,2000}'"
)
_ROW = r"\((?:[^()]++|\([^()]{0,200}+\)){1,400}+\)"
_ROWS = re.compile(rf"(?i)\b(values) ?{_ROW}(?:, ?{_ROW}){{0,100}}+")
_BOUND = re.compile(
    r"(?i)(?<=[`\"\]])( (?:[!<>]?=|<>|[<>]|(?:not )?i?like)) (?!values\b|[`\"\[?$(<])[^`\"]{0,300}?"
    r"(?=\)|, [`\"\[]| (?:and|or|where|limit|offset|group by|order by|for update)\b)"
)
_BOUND_LIST = re.compile(r"(?i)(?<=[`\"\]])( (?:not )?in) \((?!select\b)[^()]{1,2000}\)")
"""Laravel puts values into a statement without quotation marks."""
_MARK = re.compile(r"[\"'“‘`]| in JSON")


def mask(masked: str) -> str:
    """The text of the first stage without what was given in."""
    if not _MARK.search(masked):
        return masked
    masked = rule.apply(_RULES, masked)
    if statement := _STATEMENT.search(masked):
        start = statement.start()
        masked = masked[:start] + _without_values(masked[start:])
    return masked


def _without_values(statement: str) -> str:
    statement = _LITERAL.sub(r"\1<value>", statement)
    if "(" in statement:
        statement = _ROWS.sub(r"\1 (<value>)", statement)
        statement = _BOUND_LIST.sub(r"\1 (<value>)", statement)
    return _BOUND.sub(r"\1 <value>", statement)
