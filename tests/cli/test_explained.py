from bot.cli.explained import explained, explained_exception
from bot.core.signing import explanation
from tests.builders import an_event


def test_an_explanation_shows_what_was_set_aside_masked_and_kept() -> None:
    line = (
        "2026-11-21T02:17:02Z ERROR password=hunter22 gave 404 status code 404 \x1b[2J after 31 ms"
    )
    said = explained(explanation.of(line))
    assert "hunter22" not in said
    assert "\x1b" not in said
    assert "31 ms → <num>  (a number, with its unit)" in said
    assert "kept     404  (a number that tells errors apart)" in said
    assert "header: time 2026-11-21 02:17:02Z, level error" in said
    assert all(row.startswith("  ") for row in said.splitlines()[1:])


TRACE = """Traceback (most recent call last):
  File "/srv/app/cart.py", line 12, in checkout
    pay(order)
  File "/srv/app/pay.py", line 3, in charge
    raise PaymentError(1)
shop.PaymentError: password=hunter22 \x1b[2J declined after 31 ms"""


def test_the_explanation_of_an_error_names_what_was_raised_where() -> None:
    event = an_event(message="charge of order 84123 failed", stack=TRACE)
    found = explanation.of_event(event)
    assert found
    said = explained_exception(found)
    assert "hunter22" not in said
    assert "\x1b" not in said
    rows = said.splitlines()
    assert rows[0].startswith("E-")
    assert [row for row in rows if row.split()[0] in ("type", "place", "counts")] == [
        "  type     PaymentError  (what was raised)",
        "  place    pay.charge  (a function of your own code)",
        "  place    cart.checkout  (a function of your own code)",
        "  counts   the type and the places, without line numbers; of the message only codes",
    ]
    assert "  aside    charge of order 84123 failed" in said


def test_an_error_without_a_function_of_ones_own_counts_by_its_message() -> None:
    event = an_event(error_type="SQLSTATE 57014", error_message="canceled after 31 ms")
    found = explanation.of_event(event)
    assert found
    said = explained_exception(found)
    assert "masked   31 ms → <num>" in said
    assert "no function of your own code is in it" in said


def test_what_was_logged_without_a_type_counts_by_its_message_and_its_places() -> None:
    found = explanation.of_event(an_event(message="no route", stack="main.pay\n\t/src/pay.go:7"))
    assert found
    rows = explained_exception(found).splitlines()
    assert "  place    main.pay  (a function of your own code)" in rows
    assert rows[-1].startswith("  counts   the message and the places")


def test_what_tells_of_no_exception_has_no_such_explanation() -> None:
    assert explanation.of_event(an_event(message="disk full")) is None
