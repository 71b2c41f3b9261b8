import pytest

from bot.core.ownership.scope import THIS, Backtest, Breadth, Scope

CHECKOUT = Scope(Breadth.SERVICE, "checkout")
ACME = Scope(Breadth.CUSTOMER, "acme")


@pytest.mark.parametrize(
    ("scope", "service", "customers", "covered"),
    [
        (THIS, "checkout", ["acme"], False),
        (CHECKOUT, "Checkout", [], True),
        (CHECKOUT, "cart", ["acme"], False),
        (ACME, "cart", ["ACME"], True),
        (ACME, "cart", ["acme", "globex"], False),
        (ACME, "cart", [], False),
    ],
)
def test_a_scope_covers_a_service_or_what_hits_nobody_but_a_customer(
    scope: Scope, service: str, customers: list[str], *, covered: bool
) -> None:
    assert scope.covers(service, customers) is covered


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (Backtest(0, 0), "would have hidden no post"),
        (Backtest(1, 1), "would have hidden 1 post, 1 claimed"),
        (Backtest(9, 2), "would have hidden 9 posts, 2 claimed"),
        (Backtest(31, 0, 12), "would have hidden 31 posts of 12 signatures, none claimed"),
    ],
)
def test_a_backtest_says_what_would_have_been_hidden(found: Backtest, said: str) -> None:
    assert str(found) == said
