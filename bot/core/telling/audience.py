"""Which errors a channel is told of, and why it is not told of others."""

from collections.abc import Collection
from dataclasses import dataclass
from fnmatch import fnmatchcase

from bot.core.detection.finding import Kind


@dataclass(frozen=True, slots=True)
class Audience:
    """The filter of a channel: an error has to match one value of each list that is given.

    In services, `*` stands for any characters and `?` for any one. Only kinds are compared with
    case.
    """

    services: tuple[str, ...] = ()
    teams: tuple[str, ...] = ()
    customers: tuple[str, ...] = ()
    kinds: tuple[Kind, ...] = ()

    def refuses(
        self, *, service: str, owner: str, customers: Collection[str], kinds: Collection[Kind]
    ) -> str:
        """Why a channel is not told of an error; empty if it is.

        Without `kinds`, as for one that was resolved, only the other lists decide.
        """
        if self.services and not _is_like(service, self.services):
            return f"its service is not {_either(self.services)}"
        if self.teams and not _is_among([owner], self.teams):
            return f"its owner is not {_either(self.teams)}"
        if self.customers and not _is_among(customers, self.customers):
            return f"it does not hit {_either(self.customers)}"
        if self.kinds and kinds and not set(kinds) & set(self.kinds):
            return f"it is not {_either(self.kinds)}"
        return ""

    def __str__(self) -> str:
        given = {
            "service": self.services,
            "team": self.teams,
            "customer": self.customers,
            "kind": self.kinds,
        }
        return ", ".join(f"{name} {_either(these)}" for name, these in given.items() if these)


EVERYTHING = Audience()


def _is_like(service: str, patterns: Collection[str]) -> bool:
    return any(fnmatchcase(service.casefold(), pattern.casefold()) for pattern in patterns)


def _is_among(found: Collection[str], wanted: Collection[str]) -> bool:
    return bool({one.casefold() for one in found} & {one.casefold() for one in wanted})


def _either(values: Collection[str]) -> str:
    return " or ".join(values)
