"""Whose an error is, and why."""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

from bot.core import linear
from bot.core.analysis import Analysis, Category, Confidence, Symptom
from bot.errors import SettingsError

DEV = "dev"
PLATFORM = "platform"
REVIEW = "review"
NOISE = "noise"

_REASON_LIMIT = 120
_BY_CATEGORY = {
    Category.APPLICATION: DEV,
    Category.INFRASTRUCTURE: PLATFORM,
    Category.NETWORK: PLATFORM,
    Category.DATABASE: PLATFORM,
    Category.CONFIGURATION: PLATFORM,
}
_PLATFORM_TYPE = re.compile(r"(?i)timeout|connect|sql")
_JAVA_FRAME = re.compile(r"(?m)^[ \t]*at ([\w.$]{1,200})\.[\w$<>]{1,100}\(([\w.$]{1,100})")
_WORD = re.compile(r"[^\s\"'`()<>:,]+")
_STACK_LIMIT = 16_000


_OF_SITE = "rule: "


@dataclass(frozen=True, slots=True)
class Rule:
    """A site's own rule: every field that is given must match; one without fields matches all.

    `service` and `customer` are compared without regard to case; `pattern` is a regular expression
    of RE2's, searched in the signature's text; `path` is a CODEOWNERS pattern for the files of the
    stack.
    Raises SettingsError when `pattern` cannot be compiled.
    """

    team: str
    service: str = ""
    pattern: str = ""
    customer: str = ""
    path: str = ""
    _searched: linear.Spans | None = field(init=False, repr=False, compare=False, default=None)
    _globbed: linear.Spans | None = field(init=False, repr=False, compare=False, default=None)

    def __post_init__(self) -> None:
        if self.pattern:
            object.__setattr__(self, "_searched", _compiled(self.pattern, self.team))
        if self.path:
            object.__setattr__(self, "_globbed", _glob(self.path))

    def matches(self, symptom: Symptom, customers: Collection[str]) -> bool:
        """Whether the rule applies to a signature that these customers had."""
        return (
            (not self.service or self.service.casefold() == symptom.service.casefold())
            and (not self.customer or self.customer.casefold() in map(str.casefold, customers))
            and (self._searched is None or _found(self._searched, _texts(symptom)))
            and (self._globbed is None or _found(self._globbed, _paths(symptom.stack)))
        )

    def __str__(self) -> str:
        given = (
            ("service", self.service),
            ("pattern", self.pattern),
            ("customer", self.customer),
            ("path", self.path),
        )
        return ", ".join(f"{name} = {value}" for name, value in given if value) or "everything"


@dataclass(frozen=True, slots=True)
class Ownership:
    """The team that should act, and the reason in one short fragment."""

    team: str
    reason: str


def choose(
    symptom: Symptom,
    analysis: Analysis,
    *,
    rules: Sequence[Rule] = (),
    decided: Ownership | None = None,
    customers: Collection[str] = (),
) -> Ownership:
    """The owner of a signature: what a person decided, else the first of the site's rules that
    matches, else what the analysis says.

    `noise` is a suggestion for people: nothing is muted by it.
    """
    if decided is not None:
        return decided
    for rule in rules:
        if rule.matches(symptom, customers):
            return Ownership(rule.team, f"{_OF_SITE}{rule}"[:_REASON_LIMIT])
    return _by_analysis(symptom, analysis)


def site_rule(reason: str) -> str:
    """The rule of the site that a reason names, or "" where none chose the owner."""
    return reason.removeprefix(_OF_SITE) if reason.startswith(_OF_SITE) else ""


def _by_analysis(symptom: Symptom, analysis: Analysis) -> Ownership:
    if analysis.noise:
        return Ownership(NOISE, "suggested as noise, not muted")
    if analysis.confidence is not Confidence.LOW:
        return _by_place(analysis)
    if _PLATFORM_TYPE.search(symptom.error_type[:_REASON_LIMIT]):
        return Ownership(PLATFORM, f"error type: {symptom.error_type}"[:_REASON_LIMIT])
    if analysis.real_application_bug:
        return Ownership(DEV, "no rule knows it, but it speaks of the application")
    if analysis.category is not Category.APPLICATION:
        guess = f"no rule knows it, but it speaks of the {analysis.category.lower()}"
        return Ownership(_BY_CATEGORY[analysis.category], guess)
    return Ownership(REVIEW, "no rule is sure whose this is")


def _by_place(analysis: Analysis) -> Ownership:
    """The owner by category. But a query or a setting that the code gets wrong shows in the
    database or the configuration, though only those who write the code can mend it.

    The reason does not repeat the cause, which people have read already.
    """
    category = analysis.category
    shows_elsewhere = category in (Category.DATABASE, Category.CONFIGURATION)
    if shows_elsewhere and analysis.real_application_bug:
        return Ownership(DEV, f"{category.lower()} error that a change of the code mends")
    return Ownership(_BY_CATEGORY[category], f"{category.lower()} error")


def _compiled(pattern: str, team: str) -> linear.Spans:
    try:
        return linear.spans(pattern)
    except ValueError as error:
        raise SettingsError(
            f"the rule for team {team!r} has a pattern that is no regular expression: "
            f"{pattern!r} ({error}). Correct it, or remove the rule."
        ) from error


def _found(spans: linear.Spans, texts: Iterable[str]) -> bool:
    return any(next(spans(text), None) is not None for text in texts)


def _texts(symptom: Symptom) -> tuple[str, ...]:
    texts = symptom.template, symptom.title, symptom.message, symptom.error_type
    return tuple(text[:2_000] for text in texts)


def _glob(path: str) -> linear.Spans:
    """A CODEOWNERS pattern as a search in a path: anchored at any folder, since a stack names
    files from wherever the program was deployed."""
    text = path.strip().lstrip("/")
    tail = "" if text.endswith(("/", "*")) else r"(?:/|$)"
    tokens = re.split(r"(\*\*/|\*\*|\*|\?)", text)
    meaning = {"**/": r"(?:[^/]+/)*", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    return linear.spans(
        r"(?:^|/)" + "".join(meaning.get(token, re.escape(token)) for token in tokens) + tail
    )


def _paths(stack: str) -> tuple[str, ...]:
    """The files a stack names, with `/` between folders; a Java class stands for its file."""
    text = stack[:_STACK_LIMIT]
    files = (word.replace("\\", "/") for word in _WORD.findall(text) if "." in word)
    java = (
        f"{'/'.join(where.split('.')[:-1])}/{file}" for where, file in _JAVA_FRAME.findall(text)
    )
    return tuple(dict.fromkeys([*files, *java]))
