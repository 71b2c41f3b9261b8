import pytest

from bot.core.asking import forbidden
from bot.core.rules import verdicts

JUDGED = {
    "bot.core.asking.proof",
    "bot.core.asking.step",
    "bot.core.wording.harm",
    "bot.core.wording.shell",
}


@pytest.mark.parametrize(
    "said",
    [
        "Run curl -s -X DELETE localhost:9200/orders",
        "kubectl get secret db -ojson",
        "mysql -e \"select 1 INTO OUTFILE '/var/www/x.php'\"",
        "Ask the customer for the card number.",
        "cat ~/.pgpass",
        "rm -rf /data",
    ],
)
def test_what_nobody_may_read_is_found(said: str) -> None:
    assert forbidden.found(["See the log.", said])


@pytest.mark.parametrize("verdict", verdicts.ALL, ids=lambda verdict: verdict.name)
def test_no_text_of_our_own_is_forbidden(verdict: verdicts.Verdict) -> None:
    texts = (verdict.says, verdict.explains, verdict.cause, *verdict.actions)
    assert forbidden.found(texts) == []


def test_it_knows_nothing_of_what_it_judges() -> None:
    known = vars(forbidden).values()
    assert not {
        "bot.core.asking.step",
        "bot.core.wording.shell",
        "bot.core.wording.harm",
        "bot.core.asking.proof",
    } & {getattr(one, "__name__", "") for one in known}
