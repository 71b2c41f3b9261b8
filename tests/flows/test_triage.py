from bot.core.ownership.owner import Rule
from bot.flows import look
from bot.flows.record import record
from bot.flows.triage import BATCH, renew, triage
from storage import analyses, signatures
from storage.database import Database
from tests.builders import NOON, an_event, statements


def owners(database: Database) -> list[str]:
    with database.read() as session:
        return sorted(found.owner for found in signatures.get(session, range(10_000)).values())


def test_more_than_a_batch_gets_owners(database: Database) -> None:
    many = [an_event(service=f"service-{n}") for n in range(BATCH + 3)]
    record(database, many, now=NOON)
    assert triage(database, now=NOON, site_rules=()) == BATCH + 3
    assert owners(database) == ["platform"] * (BATCH + 3)
    assert triage(database, now=NOON, site_rules=()) == 0


def test_many_are_explained_with_the_lock_no_longer_than_few(database: Database) -> None:
    asked = []
    for count in (2, 40):
        record(database, [an_event(service=f"{count}-{n}") for n in range(count)], now=NOON)
        with statements(database, written=True) as heard:
            assert triage(database, now=NOON, site_rules=()) == count
        asked.append(len(heard))
    assert asked[0] == asked[1]


def test_a_rule_of_the_site_sees_every_customer_that_was_hit(
    database: Database, short_id: str
) -> None:
    record(database, [an_event(customer="globex"), an_event(customer="initech")], now=NOON)
    triage(database, now=NOON, site_rules=[Rule(team="payments", customer="initech")])
    card = look.card(database, short_id, now=NOON)
    assert (card.owner, card.owner_reason) == ("payments", "rule: customer = initech")


def explained_by_other_rules(database: Database, count: int) -> None:
    record(database, [an_event(service=f"service-{n}") for n in range(count)], now=NOON)
    triage(database, now=NOON, site_rules=[Rule(team="payments")])
    with database.write() as session:
        said = {"summary": "by the rules of last year"}
        numbers = range(1, count + 1)
        analyses.keep(
            session, dict.fromkeys(numbers, said), analyst="rules", version="r0", now=NOON
        )


def test_what_other_rules_explained_is_explained_anew_and_keeps_its_owner(
    database: Database,
) -> None:
    explained_by_other_rules(database, 1)
    assert renew(database, now=NOON) == 1
    with database.read() as session:
        assert "last year" not in analyses.of(session, [1])[1].content["summary"]
    assert owners(database) == ["payments"]
    assert renew(database, now=NOON) == 0


def test_it_is_renewed_by_the_batch(database: Database) -> None:
    explained_by_other_rules(database, BATCH + 1)
    assert [renew(database, now=NOON) for _ in range(3)] == [BATCH, 1, 0]
