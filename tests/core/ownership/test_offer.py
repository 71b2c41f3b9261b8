import tomllib

from bot.core.ownership import offer
from bot.core.ownership.offer import Move, Owned
from bot.core.ownership.owner import Rule

LATEST = Move("E-2", "checkout", "platform", "dev")
BEFORE = Move("E-1", "Checkout", "platform", "dev")
SEEN = [
    Owned("checkout", "dev", is_decided=True),
    Owned("checkout", "dev", is_decided=True),
    Owned("checkout", "platform", is_decided=False),
    Owned("checkout", "review", is_decided=True),
    Owned("cart", "platform", is_decided=False),
]


def test_two_equal_reroutes_offer_the_rule_with_its_effect() -> None:
    found = offer.of(LATEST, [BEFORE], SEEN)
    assert found
    assert found.rule == Rule("dev", service="checkout")
    assert found.effect == (
        "Over the last 14 days it would have given 3 of 4 errors to dev by itself; "
        "people gave 1 of them to others"
    )


def test_one_error_rerouted_twice_or_to_elsewhere_offers_nothing() -> None:
    assert offer.of(LATEST, [LATEST], SEEN) is None
    assert offer.of(LATEST, [Move("E-1", "checkout", "platform", "ops")], SEEN) is None
    assert offer.of(LATEST, [Move("E-1", "cart", "platform", "dev")], SEEN) is None
    assert offer.of(LATEST, [Move("E-1", "checkout", "review", "dev")], SEEN) is None


def test_what_a_rule_of_the_site_chose_offers_nothing() -> None:
    by_rule = Move("E-2", "checkout", "platform", "dev", by_rule=True)
    assert offer.of(by_rule, [BEFORE], SEEN) is None


def test_the_rule_is_written_as_the_settings_take_it_whatever_the_service_is_called() -> None:
    odd = 'a"b\\c\nd'
    found = offer.of(Move("E-2", odd, "a", "dev"), [Move("E-1", odd, "a", "dev")], [])
    assert found
    assert tomllib.loads(found.toml) == {"owners": [{"team": "dev", "service": 'a"b\\cd'}]}
