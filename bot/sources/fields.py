"""Which field of a record plays which role, whoever wrote the record."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import Any

from bot.sources import spelling

MOST_LEAVES = 1_000
DEEPEST = 7
LONGEST_NAME = 200

# The names of each role, in the order in which they win. `_`, `-` and case do not count, so
# `tenant_id` stands for tenantId and Tenant-ID as well.
_NAMES: Mapping[str, str] = {
    "id": "event_id event.id log_id insert_id _id id",
    "source": "source",
    "time": """
        @timestamp timestamp time ts datetime date @t time_unix_nano record.time.timestamp
        time.timestamp record.time.repr time.repr asctime eventtime event_time log_time
        written_at instant.epoch_second __realtime_timestamp _source_realtime_timestamp t
        created start_time started_at time_generated t.$date""",
    "received": """
        received received_at event.ingested ingested_at observed_timestamp
        observed_time_unix_nano""",
    "severity": """
        level_name log.level severity_text record.level.name level.name error_severity
        severity log_level @l level lvl at status priority levelno record.level.no level.no
        severity_number s""",
    "message": """
        message record.message msg event body body.string_value short_message text_payload
        json_payload.message @m rendered_message @mt message_template text log full_message
        result_description""",
    "service": """
        service.name service service_name app app.name app_name application syslog_identifier
        container.name container_name kubernetes.container_name k8s.container.name
        k8s.deployment.name kubernetes.labels.app _systemd_unit service_context.service""",
    "environment": """
        deployment.environment.name deployment.environment environment env service.environment
        stage""",
    "customer": """
        tenant.id tenant tenant_id tenant_name customer.id customer customer_id customer_name
        org org.id org_id organization organization.id organization_id account account.id
        account_id x_scope_orgid k8s.namespace.name kubernetes.namespace_name
        kubernetes.namespace""",
    "version": """
        service.version version release app_version service_version app.version build_version
        dd.version service_context.version""",
    "host": """
        host.name host hostname host_name server server_name node k8s.pod.name
        kubernetes.pod_name kubernetes.host _hostname machine_name""",
    "logger": """
        logger.name logger log.logger record.name logger_name channel category category_name
        source_context scope.name""",
    "name": "name",
    "error_type": """
        exception.type error.kind error.type err.type error_type record.exception.type
        exception_type exc_type exception_class exception.class exception.exception_class
        exception.name thrown.name error_class error.class error_name error.name err.name
        exc.type""",
    "state_code": "state_code sql_state sqlstate",
    "error_message": """
        exception.message error.message err.message error_message record.exception.value
        exception_message exception.value exc_value exception.exception_message thrown.message
        exc.value err error
        error.errmsg""",
    "stack": """
        exception.stacktrace error.stack error.stack_trace err.stack stack stacktrace
        stack_trace exception.stack exception.stack_trace exception.traceback error.stacktrace
        error.traceback exc_info exc_text exception traceback exc thrown.extended_stack_trace
        error_verbose @x error_stack exception.trace exception.backtrace error.backtrace
        err.backtrace backtrace""",
    "http_status": """
        http_status http.response.status_code http.response.status http.status_code http.status
        status_code response.status_code response.status res.status_code res.status response_code
        downstream_status httprequest.status""",
    "trace_id": "trace_id trace.id dd.trace_id otelTraceID logging.googleapis.com/trace",
    "span_id": "span_id span.id dd.span_id otelSpanID logging.googleapis.com/spanId",
    "url": "url.full url request_url http.url request.url req.url url.original http.request.url",
    "fingerprint": "fingerprint error.fingerprint sentry.fingerprint",
    "members": """
        err.aggregate_errors error.aggregate_errors error.errors err.errors aggregate_errors""",
}

# Wrappers that say nothing themselves: what is inside counts as if it stood outside, but later.
_WRAPPERS = (
    "attributes.", "attrs.", "attr.", "record.extra.", "record.", "resource.", "labels.", "tags.",
    "fields.", "extra.", "context.", "ctx.", "mdc.", "contextmap.", "properties.", "meta.",
    "metadata.", "data.", "jsonpayload.", "_source.",
)  # fmt: skip
_OF_GELF = "_"
"""Before the name of a field that the protocol does not know."""
_UNWRAPPED_TIMES = 3
_LATER = 100

# Labels of a corpus and copies of the line itself: never evidence.
_IGNORED = frozenset({"truth", "raw", "log.original", "event.original"})


def _normalised(name: str) -> str:
    return name[:1].lower() + name[1:].lower().replace("_", "").replace("-", "")


_TIMES = frozenset({"time", "received"})
_TYPED = _TIMES | {"severity", "service"}
_LISTS = frozenset({"stack", "members", "fingerprint"})
_NO_RANK = 1_000_000
_ONLY_OUTSIDE = frozenset({"id", "source", "name", "received"})


THE_USUAL = "*"


class Roles:
    """Which role a field plays by its name: as usual, or as a site has `given` for some roles,
    where `*` stands for the usual names of a role."""

    def __init__(self, given: Mapping[str, Sequence[str]]) -> None:
        chosen = {role: _names(role, given.get(role, (THE_USUAL,))) for role in _NAMES}
        ordered = sorted(chosen.items(), key=lambda one: one[0] in given)
        self._ranks = {
            name: (role, rank) for role, names in ordered for rank, name in enumerate(names)
        }
        self.of = lru_cache(maxsize=4096)(self._of)

    def _of(self, name: str) -> tuple[str, int] | None:
        """The role a field of that name may play, with its rank; the lower one wins."""
        plain = _normalised(name)
        for times in range(_UNWRAPPED_TIMES):
            found = self._ranks.get(plain)
            if found and not (times and found[0] in _ONLY_OUTSIDE):
                return found[0], found[1] + times * _LATER
            around = (w for w in (*_WRAPPERS, _OF_GELF) if plain.startswith(w))
            wrapper = next(around, None)
            if wrapper is None:
                return None
            plain = plain.removeprefix(wrapper)
        return None


def usual(role: str) -> tuple[str, ...]:
    """The names of a role, in the order in which they win."""
    return tuple(_NAMES[role].split())


def _names(role: str, given: Sequence[str]) -> list[str]:
    """Normalised, each once; Datadog puts an @ before them."""
    parts = (usual(role) if name == THE_USUAL else (name.removeprefix("@"),) for name in given)
    return list(dict.fromkeys(_normalised(name) for part in parts for name in part))


USUAL = Roles({})


@lru_cache(maxsize=4096)
def _attribute_name(name: str) -> str:
    for wrapper in _WRAPPERS:
        if name.lower().startswith(wrapper):
            return name[len(wrapper) :]
    return name


@dataclass(frozen=True, slots=True)
class Fields:
    """A record sorted by role: for each role the (name, value) that wins, and all the rest."""

    roles: Mapping[str, tuple[str, Any]]
    rest: Mapping[str, Any]

    def get(self, role: str) -> Any:
        """The value that plays `role`, or None."""
        found = self.roles.get(role)
        return found[1] if found else None


def sort(record: Mapping[str, Any], by: Roles = USUAL) -> Fields:
    """Sort the fields of a record, nested ones under their dotted names, by the role they play.

    Looks at MOST_LEAVES fields, the outermost first, and DEEPEST levels: a record that nests a
    whole request object must not hide its own message, nor cost more than it is worth.
    """
    ranks: dict[str, int] = {}
    roles: dict[str, tuple[str, Any]] = {}
    rest: dict[str, Any] = {}
    for name, value in _leaves(record):
        if (found := by.of(name)) is None:
            rest[_attribute_name(name)] = value
            continue
        role, rank = found
        fit = _fit(role, name, value) if role in _TYPED or not isinstance(value, str) else value
        if fit is None or rank >= ranks.get(role, _NO_RANK):
            rest[_attribute_name(name)] = value
            continue
        if role in ranks:
            beaten, its_value = roles[role]
            rest[_attribute_name(beaten)] = its_value
        ranks[role] = rank
        roles[role] = name, fit
    return Fields(roles, rest)


def _fit(role: str, name: str, value: Any) -> Any:
    """`value` in the type that `role` wants, or None: a field that is named by chance."""
    if role in _TIMES:
        return spelling.time(value)
    if role == "severity":
        return spelling.severity(value, name.lower())
    if role == "service" and isinstance(value, str):
        return None if value[:1].isdecimal() and _DURATION.fullmatch(value) else value
    if isinstance(value, bool) or (isinstance(value, list) and role not in _LISTS):
        return None
    return value


_DURATION = re.compile(r"\d{1,9}(?:\.\d{1,9})?[mµun]?s")
"""How long Heroku's router waited for the service."""


def _leaves(record: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """(dotted name, value) of everything that holds something, breadth first."""
    left = MOST_LEAVES
    level: list[tuple[str, Mapping[str, Any]]] = [("", record)]
    for _ in range(DEEPEST):
        deeper: list[tuple[str, Mapping[str, Any]]] = []
        for prefix, mapping in level:
            for key, value in islice(mapping.items(), left):
                name = prefix + key
                if value is None or value == "" or name in _IGNORED or len(name) > LONGEST_NAME:
                    continue
                inner = _tags(value) if key in _TAGS else value
                if isinstance(inner, dict):
                    deeper.append(("tags." if key in _TAGS else name + ".", inner))
                else:
                    yield name, value
            left = max(0, left - len(mapping))
        level = deeper


_TAGS = frozenset({"ddtags", "tags"})


def _tags(value: Any) -> Any:
    """Datadog's `env:prod,tenant:acme`, as text or list, as a mapping; anything else as it is."""
    pairs = value.split(",") if isinstance(value, str) else value
    if not isinstance(pairs, list) or not all(isinstance(p, str) and ":" in p for p in pairs):
        return value
    return dict(pair.strip().split(":", 1) for pair in pairs)
