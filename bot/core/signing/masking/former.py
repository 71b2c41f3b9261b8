"""What version 1 of the rules did otherwise: names that today's keep, and times in words."""

import re

from bot.core.signing import codes
from bot.core.signing.masking import domain, request, rule
from bot.core.signing.masking.pair import CONSTANT
from bot.core.signing.masking.token import CODE_NAME, TYPE


def without_code_names(masked: str) -> str:
    """What the first stage makes of a text today, as it was: every word with a digit in it was an
    id, what has dots in it a name or a host, and a method of HTTP a value as any."""
    masked = request.without_methods(codes.with_names(masked))
    return _DOTTED.sub(_mask_dotted, _WITH_DIGIT.sub("<id>", masked))


def _mask_dotted(found: re.Match[str]) -> str:
    name = found[0]
    if TYPE.fullmatch(name) or domain.SOURCE.fullmatch(name):
        return name
    if _HOST.fullmatch(name):
        return "<host>"
    named = name.count(".") > 1 and not CONSTANT.fullmatch(name.rpartition(".")[2])
    return "<name>" if named else name


_WITH_DIGIT = re.compile(rf"(?<![\w$%.-])(?=[A-Za-z_.]*0)(?:{CODE_NAME.pattern})(?![\w$%.-])")
_LABEL = r"[A-Za-z_$][A-Za-z_$-]{0,63}"
_DOTTED = re.compile(rf"(?<![\w$%+.<-]){_LABEL}(?:\.{_LABEL}){{1,12}}(?![\w$%+(-]|\.\w)")
_HOST = re.compile(rf"[A-Za-z-]+(?:\.[A-Za-z-]+)*\.(?:{domain.GENERIC}|[a-z]{{2}})")
_DAY = r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]{0,6}"
_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]{0,6}"
_ZONE = r"(?:UTC|GMT|Z|[A-Z]{2,4}T)"
TIMES = rule.table(
    (
        "<time>",
        (
            rf"(?<!\w)(?:{_DAY},? )?{_MONTH}\.? <num>,? (?:<num>,? )?<time>(?: [AP]M)?(?: "
            rf"{_ZONE})?(?: <num>)?"
        ),
        "<time>",
    ),
    (
        "<num> ",
        rf"(?<!\w)(?:{_DAY},? )?<num> {_MONTH} <num>(?: <time>)?(?: {_ZONE})?",
        "<time>",
    ),
    ("<time>", rf"<(?:time|num)>[ T]<time>(?: {_ZONE}| [+-]?<num>)?", "<time>"),
)
"""Times in words; those of today are in `dated`."""
