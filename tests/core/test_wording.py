import pytest

from bot.core import wording


@pytest.mark.parametrize(
    "said",
    [
        "We will refund your last invoice in full within the hour.",
        "This happened because of your own mistake; please cancel your account.",
        "Your personal details were stolen by thieves. Change your card at once.",
        "All of your data was deleted.",
        "Payments fail because of an attack by Globex.",
        "Please write to us at evil dot example.",
        "It will work again in a few minutes.",
        "We will fix it.",
        "There is no problem with the service.",
        "The problem is your fault.",
        "Please try again in 5 minutes.",
        "CUST_1 cannot pay.",
        "Sorry. " * 60,
        "",
        " ",
    ],
)
def test_no_promise_blame_money_breach_or_all_clear_goes_to_customers(said: str) -> None:
    assert not wording.is_fit(said)


@pytest.mark.parametrize(
    "said",
    [
        "Payments are failing. We are working on it; please try again in a few minutes.",
        "Some pages may load incompletely. Loading the page again usually helps.",
        "Some of our e-mails are late. We are looking into it.",
        "Parts of our service do not answer at the moment. We will tell you when it is over.",
        "Sorry for the inconvenience: searches are slower than usual.",
    ],
)
def test_what_people_notice_and_that_we_work_on_it_does(said: str) -> None:
    assert wording.is_fit(said)
