import pytest

from bot.core.detection.environment import is_production


@pytest.mark.parametrize("name", ["production", "PROD", "prd-eu", "eu_prod_1", "live", "shop.prod"])
def test_what_is_called_production_is(name: str) -> None:
    assert is_production(name)


@pytest.mark.parametrize(
    "name",
    ["", "staging", "pre-prod", "non-production", "preprod", "product-db", "olive", "test-live"],
)
def test_what_only_sounds_like_it_is_not(name: str) -> None:
    assert not is_production(name)
