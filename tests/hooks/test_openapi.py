"""What docs/openapi.yaml says of how errors are sent holds, whatever is sent."""

import re
from pathlib import Path
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import Case
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from starlette.routing import Route

from tests.hooks.conftest import OWN_KEY, Site

PAGE = Path(__file__).parents[2] / "docs" / "openapi.yaml"
API = schemathesis.openapi.from_path(PAGE)
EXAMPLES = 10
SAME = re.compile(r"/services/collector(/event/1\.0|/raw|/health/1\.0|)$")
"""Other spellings of a way in."""
NO_WAYS = {"/v1/traces", "/v1/metrics"}
"""They only say what is taken instead."""
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]


@schemathesis.serializer("application/x-sentry-envelope", "application/x-protobuf")
def as_bytes(_context: object, value: Any) -> bytes:
    """What is drawn for a body that is no JSON."""
    return value if isinstance(value, bytes) else value.data


def test_it_names_every_way_in(site: Site) -> None:
    ways = {plain(route.path) for route in site.routes if isinstance(route, Route)}
    assert ways - {"/healthz", "/readyz"} - NO_WAYS == {*API.raw_schema["paths"]}


def plain(path: str) -> str:
    return re.sub(r":\w+}", "}", path)


@pytest.mark.promise(row="R13")
def test_whatever_is_sent_is_answered_as_it_says(site: Site) -> None:
    few = settings(max_examples=EXAMPLES, suppress_health_check=[*HealthCheck], database=None)
    with requests.Session() as session:

        def answered(case: Case) -> None:
            is_hook = case.path in ("/hooks/deploy", "/hooks/github")
            key = OWN_KEY if is_hook else site.made.text
            given: dict[str, Any] = {"headers": {"Authorization": f"Bearer {key}"}}
            if case.path.startswith("/api/"):
                given["params"] = {"sentry_key": key}
            answer = case.call(base_url=site.address, session=session, **given)
            case.validate_response(answer, checks=CHECKS)

        for found in API.get_all_operations():
            operation = found.ok()
            if not SAME.match(operation.path):
                few(given(case=operation.as_strategy())(answered))()
