import pytest

from bot.core.analysis import Analysis, Category, Confidence, Level, Symptom
from bot.core.ownership.owner import Ownership, Rule, choose
from bot.errors import SettingsError

JAVA = "java.lang.X: y\n\tat com.acme.pay.Charge.run(Charge.java:12)\n"
PYTHON = 'Traceback (most recent call last):\n  File "/app/src/payments/api.py", line 3, in pay\n'


def a_symptom(**facts: str) -> Symptom:
    return Symptom(**{"service": "checkout", "title": "it broke", "template": "it broke", **facts})


def an_analysis(
    category: Category = Category.NETWORK,
    *,
    confidence: Confidence = Confidence.HIGH,
    bug: bool = False,
    noise: bool = False,
    cause: str = "The upstream refused the connection: it is down",
) -> Analysis:
    return Analysis(
        category=category,
        severity=Level.HIGH,
        confidence=confidence,
        real_application_bug=bug,
        noise=noise,
        affects_critical_operation=False,
        summary="",
        explanation="",
        user_impact="",
        likely_cause=cause,
        immediate_actions=(),
        customer_communication="",
    )


def team(symptom: Symptom, *rules: Rule, customers: tuple[str, ...] = ()) -> str:
    return choose(symptom, an_analysis(), rules=rules, customers=customers).team


def test_a_decision_by_a_person_sticks() -> None:
    decided = Ownership("payments", "Ana rerouted it on 18 Nov")
    assert choose(a_symptom(), an_analysis(), rules=[Rule("core")], decided=decided) == decided


def test_the_first_rule_of_the_site_that_matches_wins() -> None:
    rules = (Rule("a", service="search"), Rule("b", service="Checkout"), Rule("c"))
    chosen = choose(a_symptom(), an_analysis(), rules=rules)
    assert chosen == Ownership("b", "rule: service = Checkout")


def test_every_field_that_a_rule_gives_must_match() -> None:
    rule = Rule("a", service="checkout", customer="acme")
    assert team(a_symptom(), rule, customers=("globex", "Acme")) == "a"
    assert team(a_symptom(), rule, customers=("globex",)) == "platform"


def test_a_pattern_is_searched_in_the_signature() -> None:
    assert (
        team(a_symptom(template="pay <uuid> failed"), Rule("a", pattern=r"^pay .* failed$")) == "a"
    )
    assert team(a_symptom(), Rule("a", pattern="refund")) == "platform"


def test_a_pattern_that_cannot_be_compiled_says_whose_rule_it_is() -> None:
    with pytest.raises(SettingsError, match=r"team 'a'.*Correct it"):
        Rule("a", pattern="(")


@pytest.mark.parametrize(
    ("path", "stack", "matches"),
    [
        ("/src/payments/", PYTHON, True),
        ("payments/", PYTHON, True),
        ("src/payments/*.py", PYTHON, True),
        ("*.py", PYTHON, True),
        ("**/api.py", PYTHON, True),
        ("src/**/api.py", PYTHON, True),
        ("pay/", PYTHON, False),
        ("*.go", PYTHON, False),
        ("src/*.py", PYTHON, False),
        ("com/acme/pay/", JAVA, True),
        ("Charge.java", JAVA, True),
        ("com/acme/search/", JAVA, False),
        ("payments/", "", False),
        ("src/pay/", r"at Pay.Run() in C:\build\src\pay\Run.cs:line 3", True),
        ("src/", "    at run (/srv/app/src/index.js:3:1)", True),
    ],
)
def test_a_path_is_matched_like_codeowners_against_the_files_of_the_stack(
    path: str, stack: str, matches: bool
) -> None:
    assert (team(a_symptom(stack=stack), Rule("a", path=path)) == "a") is matches


@pytest.mark.parametrize(
    ("category", "expected"),
    [
        (Category.APPLICATION, "dev"),
        (Category.INFRASTRUCTURE, "platform"),
        (Category.NETWORK, "platform"),
        (Category.DATABASE, "platform"),
        (Category.CONFIGURATION, "platform"),
    ],
)
def test_the_category_of_the_analysis_chooses_the_owner(category: Category, expected: str) -> None:
    assert choose(a_symptom(), an_analysis(category)).team == expected


def test_the_reason_is_one_short_fragment_that_leaves_the_cause_to_the_analysis() -> None:
    assert choose(a_symptom(), an_analysis()).reason == "network error"
    bug = an_analysis(Category.DATABASE, bug=True)
    assert choose(a_symptom(), bug).reason == "database error that a change of the code mends"
    odd = choose(a_symptom(error_type="SqlFault" * 500), an_analysis(confidence=Confidence.LOW))
    assert len(odd.reason) <= 120


@pytest.mark.parametrize("category", [Category.DATABASE, Category.CONFIGURATION])
def test_a_bug_that_shows_in_the_database_or_the_settings_is_for_dev(category: Category) -> None:
    assert choose(a_symptom(), an_analysis(category, bug=True)).team == "dev"


def test_a_guess_falls_back_to_the_type_of_error_then_to_the_bug_then_to_review() -> None:
    guess = an_analysis(Category.APPLICATION, confidence=Confidence.LOW)
    assert choose(a_symptom(error_type="PoolTimeout"), guess).team == "platform"
    assert choose(a_symptom(error_type="SQLFault"), guess).team == "platform"
    assert choose(a_symptom(error_type="Odd"), guess).team == "review"
    buggy = an_analysis(confidence=Confidence.LOW, bug=True)
    assert choose(a_symptom(error_type="Odd"), buggy).team == "dev"


def test_noise_is_a_suggestion_that_a_rule_of_the_site_overrules() -> None:
    noise = an_analysis(noise=True)
    assert choose(a_symptom(), noise).team == "noise"
    assert choose(a_symptom(), noise).reason == "suggested as noise, not muted"
    assert choose(a_symptom(), noise, rules=[Rule("edge", service="checkout")]).team == "edge"


@pytest.mark.parametrize("piece", ["a", "/a", "\n", "at a.b.c(", "AaBb"])
def test_a_huge_stack_is_read_only_in_part(piece: str) -> None:
    symptom = a_symptom(stack=piece * 300_000 + "\n/src/pay/api.py")
    assert team(symptom, Rule("a", path="src/pay/")) == "platform"


@pytest.mark.parametrize(
    "rule",
    [Rule("dev", pattern=r"^(\w+\s?)*#$"), Rule("dev", path="**/payments/**/*.py")],
    ids=["pattern", "path"],
)
def test_no_rule_of_a_site_takes_more_than_linear_time(rule: Rule) -> None:
    """In Python's own engine neither of these ends while anybody waits."""
    hostile = a_symptom(template="a" * 1_990 + "!", stack='File "' + "payments/" * 1_500 + '"')
    assert not rule.matches(hostile, ())
