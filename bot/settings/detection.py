"""`[detection]`: the thresholds, and others for some signatures."""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Annotated, Any, Self

from pydantic import AfterValidator, Field, ValidationError, model_validator

from bot.core.detection import threshold
from bot.core.detection.threshold import Rules
from bot.errors import SettingsError
from bot.settings.explained import Place, explain
from bot.settings.field import Strict, shaped

_USUAL = Rules()
MOST = 1_000_000
"""A factor as large means never; more would be more than a float can be counted with."""
Factor = Annotated[float, Field(gt=0, le=MOST)]
Least = Annotated[int, Field(gt=0, le=1_000_000_000)]
_ID = r"(?i:E-[0-9A-Z]{3,24})"
SignatureId = Annotated[
    str,
    shaped(rf"|{_ID}", "is no id of a signature; one looks like E-7K2"),
    AfterValidator(str.upper),
]


def _equations(values: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} = {value}" for name, value in values.items())


class Thresholds(Strict):
    """The thresholds that may differ between signatures; `threshold.Rules` says what each is."""

    min_count: Least = _USUAL.min_count
    peak_factor: Factor = _USUAL.peak_factor
    swing_factor: Annotated[float, Field(ge=0, le=MOST)] = _USUAL.swing_factor
    mean_factor: Factor = _USUAL.mean_factor
    min_minutes: Annotated[int, Field(ge=1, le=60)] = _USUAL.min_minutes
    min_day_minutes: Annotated[int, Field(ge=1, le=1_440)] = _USUAL.min_day_minutes
    most_traffic: Annotated[float, Field(ge=1, le=100)] = _USUAL.most_traffic
    burst_hours: Annotated[int, Field(ge=2, le=12)] = _USUAL.burst_hours
    new_customers: Least = _USUAL.new_customers
    spread_customers: Least = _USUAL.spread_customers
    chance_factor: Factor = _USUAL.chance_factor
    quiet_days: Annotated[float, Field(ge=1, le=10_000)] = _USUAL.quiet_days
    gap_factor: Factor = _USUAL.gap_factor
    min_earlier: Least = _USUAL.min_earlier


class Override(Thresholds):
    """Thresholds for some signatures; those that are not given are as in [detection]."""

    service: Annotated[str, Field(max_length=200)] = ""
    signature: SignatureId = ""

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not (self.service or self.signature):
            raise ValueError(
                'say which signatures are meant: service = "batch-*", or signature = "E-7K2"'
            )
        if not self.changes:
            raise ValueError("give at least one threshold, e.g. min_count = 50")
        return self

    @property
    def changes(self) -> dict[str, Any]:
        """The thresholds that are given."""
        return self.model_dump(include=self.model_fields_set - {"service", "signature"})

    def over(self, usual: Thresholds) -> threshold.Override:
        """The override as detection takes it, with `usual` for what is not given."""
        whom = {"service": self.service, "signature": self.signature}
        chosen = _equations({name: one for name, one in whom.items() if one})
        thresholds = {**usual.model_dump(exclude={"overrides"}), **self.changes}
        rules = Rules(**thresholds, override=f"{chosen}: {_equations(self.changes)}")
        return threshold.Override(rules, **whom)


class Detection(Thresholds):
    """The thresholds of detection, and overrides, of which the first that covers a signature
    holds."""

    established_days: Annotated[int, Field(ge=0, le=30)] = _USUAL.established_days
    overrides: tuple[Override, ...] = ()

    def but(self, given: Sequence[str]) -> "Detection":
        """The settings with some thresholds changed, each given as `spike.min_count=20`, or for
        some signatures as `batch-*:spike.min_count=20` or `E-7K2:spike.min_count=20`.

        These overrides come before the others. Raises SettingsError, which names each wrong one.
        """
        own: dict[str, dict[str, Any]] = defaultdict(dict)
        typed = dict[tuple[str, str], str]()
        for one in given:
            whose, name, value = _threshold(one)
            own[whose][name] = value
            typed[whose, name] = one.rpartition("=")[0].strip()
        as_set = self.model_dump(exclude_unset=True)
        overrides = list(as_set.get("overrides", ()))
        for whose, thresholds in own.items():
            if whose:
                same = next((one for one in overrides if _is_of(one, whose)), _selector(whose))
                overrides = [{**same, **thresholds}, *(one for one in overrides if one is not same)]
        try:
            return Detection.model_validate({**as_set, **own[""], "overrides": overrides})
        except ValidationError as error:
            problems = error.errors(include_url=False)
            variables: dict[Place, str] = {}
            for (whose, name), as_typed in typed.items():
                at = next((n for n, one in enumerate(overrides) if _is_of(one, whose)), 0)
                variables[("overrides", at, name) if whose else (name,)] = as_typed
            said = explain(problems, Detection, variables=variables, within=("detection",))
            raise SettingsError(said) from None

    @property
    def rules(self) -> Rules:
        """The thresholds as detection takes them."""
        overrides = tuple(override.over(self) for override in self.overrides)
        return Rules(**self.model_dump(exclude={"overrides"}), overrides=overrides)


_OF_KIND = {
    "spike.min_count": "min_count",
    "spike.peak_factor": "peak_factor",
    "spike.swing_factor": "swing_factor",
    "spike.mean_factor": "mean_factor",
    "spike.min_minutes": "min_minutes",
    "spike.min_day_minutes": "min_day_minutes",
    "spike.most_traffic": "most_traffic",
    "spike.burst_hours": "burst_hours",
    "spread.customers": "spread_customers",
    "spread.new_customers": "new_customers",
    "spread.chance_factor": "chance_factor",
    "spread.established_days": "established_days",
    "back.quiet_days": "quiet_days",
    "back.gap_factor": "gap_factor",
    "back.min_earlier": "min_earlier",
}
"""The thresholds by the kind of anomaly they are of, as `triage replay --set` names them."""


def _threshold(given: str) -> tuple[str, str, str]:
    """Whose it is (empty for all), the setting and the value of `batch-*:spike.min_count=20` or of
    `min_count=20`."""
    left, equals, value = (part.strip() for part in given.rpartition("="))
    whose, _, name = (part.strip() for part in left.rpartition(":"))
    name = name.removeprefix("detection.")
    if not equals:
        raise SettingsError(f"{given[:60]!r} gives no value; an example: spike.min_count=20")
    setting = name if name in _OF_KIND.values() else _OF_KIND.get(name)
    if setting is None:
        raise SettingsError(f"There is no threshold {name[:60]!r}{_near_threshold(name)}")
    if whose and setting not in Thresholds.model_fields:
        raise SettingsError(f"{setting} is about customers: set it without {whose[:60]!r}")
    return whose, setting, value


def _selector(whose: str) -> dict[str, Any]:
    """The field of an override for that name: a signature by its id, else a service."""
    return {"signature": whose} if re.fullmatch(_ID, whose) else {"service": whose}


def _is_of(override: Mapping[str, Any], whose: str) -> bool:
    selected = {name: override[name] for name in ("service", "signature") if override.get(name)}
    named = {name: one.casefold() for name, one in _selector(whose).items()}
    return {name: one.casefold() for name, one in selected.items()} == named


def _near_threshold(name: str) -> str:
    """The likeliest of the thresholds, and all of them with what they usually are."""
    bare = name.rpartition(".")[2]
    near = get_close_matches(bare, _OF_KIND.values(), n=1)
    meant = [known for known, setting in _OF_KIND.items() if setting in near]
    hint = f": did you mean {meant[0]}?" if meant else "."
    every = ", ".join(f"{known}={getattr(_USUAL, one):g}" for known, one in _OF_KIND.items())
    return f"{hint} There are, with their defaults, {every}."
