"""By what names a site's records call what is looked for in them: settings."""

from functools import lru_cache
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from bot.sources.fields import THE_USUAL, Roles

Name = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^\S(.*\S)?$")]
Names = Annotated[tuple[Name, ...], Field(max_length=20)]
_USUAL = (THE_USUAL,)
_ELSEWHERE = {
    "level": "severity",
    "organization": "customer",
    "release": "version",
    "span": "span_id",
    "tenant": "customer",
    "timestamp": "time",
    "trace": "trace_id",
}


class FieldNames(BaseModel):
    """For each role the names of the fields that play it, in the order in which they win.

    They take the place of the usual ones; `*` among them stands for those.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    message: Annotated[Names, Field(min_length=1)] = _USUAL
    time: Names = _USUAL
    severity: Names = _USUAL
    service: Names = _USUAL
    environment: Names = _USUAL
    customer: Names = _USUAL
    version: Names = _USUAL
    host: Names = _USUAL
    logger: Names = _USUAL
    error_type: Names = _USUAL
    error_message: Names = _USUAL
    stack: Names = _USUAL
    trace_id: Names = _USUAL
    span_id: Names = _USUAL
    url: Names = _USUAL
    fingerprint: Names = _USUAL

    @model_validator(mode="before")
    @classmethod
    def _is_called_so(cls, given: Any) -> Any:
        for name in _ELSEWHERE.keys() & given if isinstance(given, dict) else ():
            raise ValueError(f"what you call {name} is called {_ELSEWHERE[name]} here")
        return given

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        of: dict[str, str] = {}
        for role, names in self.given.items():
            for name in names:
                if name != THE_USUAL and of.setdefault(name, role) != role:
                    raise ValueError(
                        f"{name[:40]!r} stands under {of[name]} and {role}: it can be one of them"
                    )
        return self

    @property
    def given(self) -> dict[str, tuple[str, ...]]:
        """The roles that are not left as usual."""
        return {role: names for role, names in self if names != _USUAL}

    @property
    def roles(self) -> Roles:
        """What finds the fields of records."""
        return _roles(tuple(self.given.items()))

    def over(self, others: "FieldNames") -> "FieldNames":
        """These, and those of others for the roles that are usual here."""
        return self.model_copy(update={**others.given, **self.given})


@lru_cache(maxsize=64)
def _roles(given: tuple[tuple[str, tuple[str, ...]], ...]) -> Roles:
    return Roles(dict(given))
