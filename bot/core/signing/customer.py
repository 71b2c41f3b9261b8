"""Who is affected, where the text says it."""

import re
from collections.abc import Iterable
from functools import lru_cache
from itertools import islice
from typing import cast

from bot.core.signing import masking
from bot.core.signing.masking import Shape
from bot.core.wording import english

PLACEHOLDER = "<customer>"

MOST = 8
"""Customers of whom every mention is looked for; of more, only where they are named as such."""

_NAME = r"(?:[^\W_](?:[\w.-]{0,62}[^\W_])|\d(?![\w.]))"
_JUDGEMENT = r"""(?:
    (?:is|was|has[ ]been)[ ](?:(?:already|currently|now|still|temporarily)[ ])?(?:suspended|banned
      |blocked|deactivated|throttled|rate[- ]limited|offboarded|overdue|past[ ]due
      |(?:over|above)[ ](?:its|their|the)|not[ ](?:entitled|licen[cs]ed|subscribed|allowed))\b
  | (?:(?:has|had)[ ])?(?:exceeded|reached|hit|used[ ]up)[ ](?:its|their|the)\b
  | (?:has|had)[ ]no[ ](?:\w{2,20}[ ])?(?:credits?|licen[cs]e|plan|quota|seats?|subscription)\b
)"""
"""What is said of whoever pays. That something is down, missing or refused is said of parts, too:
in "customer search is down" nobody is named."""
_NAMED = re.compile(
    rf"""
    (?i:(?<![a-z])(?!(?<=\.)org:)
      (?:(?P<tenant>tenant)|(?P<customer>customer)|(?P<org>org(?:ani[sz]ation)?)|account|workspace)
      (?:[_.-]?(?:id|name|key|slug))?)
    (?:
        (?:\\?["']{{0,2}}\s{{0,2}}[=:]\s{{0,2}}|\s)\\?(?P<mark>["'])
          (?P<quoted>[A-Z\d](?:(?!(?P=mark))[^\\<>\n]){{0,62}}[\w.])\\?(?P=mark)
      | ["']{{0,2}}[=:]\s{{0,2}}(?P<titled>[A-Z][\w.-]{{1,40}}(?:[ ][A-Z&][\w.&-]{{0,40}}){{1,3}})
          (?=[,;)\]]|$)
      | \\?["']{{0,2}}\s{{0,2}}(?:[=:]\s{{0,2}})?\\?["'](?P<begun>{_NAME})
      | ["']{{0,2}}\s{{0,2}}[=:]\s{{0,2}}(?P<plain>{_NAME})
      | \s?[\[(](?P<bracketed>{_NAME})[\])]
      | \s\#?(?=[\w.-]{{0,40}}[\d-])(?P<bare>{_NAME})
      | \s(?P<judged>[^\W\d_]{{2,40}})(?=[ ]{_JUDGEMENT})
      | \s(?P<told>[^\W\d_]{{2,40}})(?=\.?[ ]{{0,2}}(?:\n|$)|[:,;)])
    )""",
    re.VERBOSE,
)
_BEFORE = re.compile(r"(?i)\b(?:at|by|for|from|of|on|to|with)\s\Z")
_PART = re.compile(
    r"""(?i)(?:
        \w{2,40}(?:ing|up|out|data|base|space|hook|point|ware|tics|metry|tory|face|ship|job|service)
      | acl|addresse?|admin|aggregate|api|attribute|auth|avatar|bucket|churn|cluster|config
      | container|crm|cron|crud|csv|daemon|dao|db|dir|dns|dto|egress|email|entity|entitie|erp|feed
      | filter|folder|gateway|guid|hash|hierarchy|iam|id|info|ingress|instance|interceptor|ip|json
      | jwt|kafka|kyc|lambda|ldap|licen[cs]e|login|mandate|metric|node|oauth|password|pdf|phone
      | pipeline|pod|preference|proxy|quota|redis|replica|repo|role|saml|schema|sdk|service|session
      | sidecar|slug|smtp|sql|sso|subscription|svc|topic|trial|tunnel|ui|ur[il]|uuid|vat|vm|vpn
      | wallet|webhook|workload|xml|zone
    )s?""",
    re.VERBOSE,
)
"""What a customer or a tenant has, in "sent to customer webhook": it names none."""
_KINDS = ("tenant", "customer", "org")
_NOBODY = re.compile(
    r"(?i)(?:not|has|is|was|none|null|nil|unknown|missing|invalid|undefined|true|false|empty|error"
    r"|default|active|inactive|\w{2,40}ed)(?![^\W_])"
)
"""In "account: locked" it is what happened."""


def shape(text: str, known: str = "") -> tuple[Shape, str]:
    """The shape of a text without the customers that it names, and which of them it is about; ""
    if it names none, or that is `known`."""
    text = text[: masking.LONGEST_TEXT]
    if known:
        text = hide(text, (known,))
    found = masking.shape(text)
    named = names(text) if found.peopled else ()
    if named:
        found = masking.shape(hide(_NAMED.sub(_unnamed, text), named))
    return found, "" if known else next(iter(named), "")


def names(text: str) -> tuple[str, ...]:
    """The customers that a text names ("tenant=acme", "customer 'acme'"), whom it is about first.

    The order is that of the fields of a record, a tenant before an account, and then of the text.
    """
    return tuple(dict.fromkeys(map(_name, _sorted(text))))


def first(text: str) -> str:
    """The customer that a text is about, or ""."""
    return next(map(_name, _sorted(text[: masking.LONGEST_TEXT])), "")


def of_header(head: str) -> str:
    """Whom a line's header names as a pair (`[tenant=acme]`, from a logger's context), or ""."""
    pairs = (one for one in _sorted(head) if "=" in one[0])
    return next(map(_name, pairs), "")


def hide(text: str, named: Iterable[str]) -> str:
    """The text with every mention of the customers replaced by a placeholder.

    A number is left to what masks numbers: it may be a code elsewhere.
    """
    folded = text.casefold()
    found = [
        name
        for name in islice(named, MOST)
        if len(name) > 1 and not name.isdecimal() and name.casefold() in folded
    ]
    return _mention(frozenset(found)).sub(PLACEHOLDER, text) if found else text


def _sorted(text: str) -> list[re.Match[str]]:
    """Where a text names customers, whom it is about first."""
    found = [one for one in _NAMED.finditer(text) if _is_somebody(one)]
    return sorted(
        found, key=lambda one: next((rank for rank, kind in enumerate(_KINDS) if one[kind]), 9)
    )


def _name(found: re.Match[str]) -> str:
    return cast("str", found[cast("str", found.lastgroup)])


def _is_somebody(found: re.Match[str]) -> bool:
    """Whether it is a name: not in "account re-opened" and "customer e-mail"."""
    name = _name(found)
    if found["told"] and not _is_told(found):
        return False
    if found["judged"] and not _is_of_whom(found):
        return False
    if found["bare"] and not any(map(str.isdigit, name)):
        return not all(len(part) == 1 or english.is_word(part.lower()) for part in name.split("-"))
    return _NOBODY.match(name) is None


def _is_told(found: re.Match[str]) -> bool:
    """Whether a word alone is a name: it ends what is said "for tenant acme", and is none of the
    language."""
    before = _BEFORE.search(found.string, max(0, found.start() - 6), found.start())
    return before is not None and _is_of_whom(found)


def _is_of_whom(found: re.Match[str]) -> bool:
    """Whether a word behind "tenant" may be whom it is about, and not what a tenant has."""
    name = _name(found)
    is_somebody = found["tenant"] or found["customer"] or found["org"]
    return bool(is_somebody) and not english.is_word(name.lower()) and not _PART.fullmatch(name)


def _unnamed(found: re.Match[str]) -> str:
    """What names a customer, without the name."""
    if not _is_somebody(found):
        return found[0]
    start, stop = (at - found.start() for at in found.span(cast("str", found.lastgroup)))
    return f"{found[0][:start]}{PLACEHOLDER}{found[0][stop:]}"


@lru_cache(maxsize=2_000)
def _mention(named: frozenset[str]) -> re.Pattern[str]:
    longest_first = sorted(named, key=lambda name: (-len(name), name))
    either = "|".join(map(re.escape, longest_first))
    return re.compile(rf"(?i){PLACEHOLDER}|(?<![A-Za-z0-9])(?:{either})(?![A-Za-z0-9])")
