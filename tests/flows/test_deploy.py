import pytest

from bot.flows.deploy import doubt
from bot.flows.record import record
from storage.database import Database
from storage.deploys import Version
from tests.builders import NOON, an_event


@pytest.mark.parametrize(
    ("service", "environment", "doubted"),
    [
        ("checkout", "", ""),
        ("checkout", "production", ""),
        ("checkout", "prod", "No errors of checkout name prod: they name production, staging."),
        ("search", "prod", "No errors of search name prod: they name none."),
    ],
)
def test_a_deploy_to_where_no_errors_come_from_is_doubted(
    database: Database, service: str, environment: str, doubted: str
) -> None:
    places = [("checkout", "staging"), ("checkout", "production"), ("search", "")]
    seen = [
        an_event(service=name, environment=place, message=f"failed to start the {place} thing")
        for name, place in places
    ]
    record(database, seen, now=NOON)
    assert doubt(database, Version(service, environment, "4.19.1")) == doubted
