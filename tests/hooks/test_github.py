"""GitHub's webhook tells of deploys, and only what it signed is believed."""

import hmac
import json
from collections.abc import Iterator
from contextlib import closing
from hashlib import sha256
from http.client import HTTPConnection
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from bot import receiver
from bot.hooks import github
from bot.hooks.answers import Refusals
from storage.database import Database
from storage.tables import Deploy
from tests.builders import standing

SECRET, OTHER = "s" * 32, "t" * 32
REPOSITORY = {"name": "checkout", "full_name": "acme/checkout"}
SUCCESS = {
    "action": "created",
    "repository": REPOSITORY,
    "deployment": {
        "ref": "main",
        "sha": "4a1c0ffee0d15ea5e0d15ea5e0d15ea5e0d15ea5",
        "environment": "production",
    },
    "deployment_status": {"state": "success", "created_at": "2026-11-18T11:58:00Z"},
}
RELEASE = {
    "action": "published",
    "repository": REPOSITORY,
    "release": {"tag_name": "v4.19.1", "published_at": "2026-11-18T11:58:00Z"},
}


class GitHub:
    """What sends the webhook."""

    def __init__(self, port: int) -> None:
        self._port = port

    def tells(self, event: str, value: Any, *, query: str = "", secret: str = SECRET) -> Any:
        """The status and what was answered."""
        body = value if isinstance(value, bytes) else json.dumps(value).encode()
        signature = hmac.new(secret.encode(), body, sha256).hexdigest()
        return self.posts(event, body, f"sha256={signature}", query=query)

    def posts(self, event: str, body: bytes, signature: str, *, query: str = "") -> Any:
        headers = {"X-GitHub-Event": event, "X-Hub-Signature-256": signature}
        with closing(HTTPConnection("127.0.0.1", self._port, timeout=10)) as connection:
            connection.request("POST", github.PATH + query, body, headers)
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())


@pytest.fixture
def hub(database: Database) -> Iterator[GitHub]:
    yield from reached(database, (OTHER, SECRET))


def reached(database: Database, secrets: tuple[str, ...]) -> Iterator[GitHub]:
    site = receiver.application(
        [github.route(database, secrets=secrets, clock=standing(), refusals=Refusals())]
    )
    with receiver.listening(site, host="127.0.0.1", port=0) as port:
        yield GitHub(port)


def kept(database: Database) -> list[tuple[str, str, str]]:
    with database.read() as session:
        rows = session.execute(select(Deploy)).scalars().all()
    return [(row.service, row.environment, row.version) for row in rows]


def test_a_deployment_that_succeeded_is_a_deploy_of_its_commit(
    hub: GitHub, database: Database
) -> None:
    for _ in range(2):
        status, said = hub.tells("deployment_status", SUCCESS)
        assert (status, said["at"]) == (200, "2026-11-18T11:58:00+00:00")
    assert kept(database) == [("checkout", "production", "4a1c0ffee0d1")]


def test_a_ref_that_names_a_version_is_the_version(hub: GitHub, database: Database) -> None:
    hub.tells(
        "deployment_status",
        {**SUCCESS, "deployment": {**SUCCESS["deployment"], "ref": "v4.19.1"}},  # type: ignore[dict-item]
    )
    assert kept(database) == [("checkout", "production", "v4.19.1")]


def test_a_release_is_a_deploy_to_all_environments(hub: GitHub, database: Database) -> None:
    hub.tells("release", RELEASE)
    assert kept(database) == [("checkout", "", "v4.19.1")]


def test_the_address_may_name_the_service(hub: GitHub, database: Database) -> None:
    hub.tells("release", RELEASE, query="?service=payments")
    assert kept(database) == [("payments", "", "v4.19.1")]


@pytest.mark.parametrize(
    ("event", "value"),
    [
        ("ping", {"zen": "Keep it logically awesome."}),
        ("push", {}),
        ("release", {**RELEASE, "action": "created"}),
        (
            "deployment_status",
            {**SUCCESS, "deployment_status": {**SUCCESS["deployment_status"], "state": "failure"}},  # type: ignore[dict-item]
        ),
    ],
)
def test_what_tells_of_no_deploy_is_fine_and_keeps_nothing(
    hub: GitHub, database: Database, event: str, value: Any
) -> None:
    assert hub.tells(event, value) == (200, {"kept": False})
    assert kept(database) == []


@pytest.mark.parametrize(
    "signature", ["", "sha256=", "sha256=" + "0" * 64, "sha1=x", "sha256=\xfc"]
)
def test_what_was_not_signed_by_us_is_not_read(
    hub: GitHub, database: Database, signature: str
) -> None:
    assert hub.posts("release", json.dumps(RELEASE).encode(), signature)[0] == 401
    assert hub.tells("release", RELEASE, secret="x" * 32)[0] == 401
    assert kept(database) == []


def test_where_no_secret_is_set_nothing_is_believed(database: Database) -> None:
    for hub in reached(database, ()):
        status, said = hub.tells("release", RELEASE, secret="")
        assert (status, "TRIAGE_GITHUB_SECRET" in said["error"]) == (403, True)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"payload=%7B%7D", "application/json"),
        (b"{}", "repository"),
        (json.dumps({**RELEASE, "release": {"tag_name": ""}}).encode(), "release.tag_name"),
        (json.dumps({**RELEASE, "release": {"tag_name": "v\0"}}).encode(), "release.tag_name"),
        (json.dumps({**RELEASE, "repository": {"name": "\0"}}).encode(), "repository.name"),
    ],
)
def test_what_is_not_as_github_sends_it_is_refused_by_its_place(
    hub: GitHub, body: bytes, said: str
) -> None:
    status, answer = hub.tells("release", body)
    assert (status, said in answer["error"]) == (400, True)


@pytest.mark.promise(row="R13")
def test_a_service_in_the_address_with_nul_in_it_is_none(hub: GitHub) -> None:
    status, said = hub.tells("release", RELEASE, query="?service=%00")
    assert (status, "address" in said["error"]) == (400, True)


NAMES = """
    action repository release deployment deployment_status name tag_name published_at created_at
    ref sha environment state
"""
TEXTS = st.sampled_from(["published", "success", "2026-11-18T11:58:00Z"]) | st.text(max_size=9)
VALUES = st.recursive(
    st.none() | st.integers() | TEXTS,
    lambda inner: st.dictionaries(st.sampled_from(NAMES.split()), inner, max_size=6),
    max_leaves=15,
)


@pytest.mark.promise(row="R13")
@settings(
    max_examples=settings().max_examples // 4,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    event=st.sampled_from([("release", RELEASE), ("deployment_status", SUCCESS)]),
    place=st.lists(st.sampled_from(NAMES.split()), min_size=1, max_size=2),
    value=VALUES,
)
def test_whatever_github_signs_is_kept_or_refused(
    hub: GitHub, event: tuple[str, dict[str, Any]], place: list[str], value: Any
) -> None:
    name, told = event[0], json.loads(json.dumps(event[1]))
    holder = told if len(place) == 1 else told.setdefault(place[0], {})
    if isinstance(holder, dict):
        holder[place[-1]] = value
    assert hub.tells(name, told)[0] in (200, 400)
