"""For each kind: what was hidden is nowhere in the text, wherever it stood."""

import base64
import ipaddress
import string
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.redaction import redact
from bot.core.redaction.rule import KINDS

LETTERS = string.ascii_letters + string.digits
LOWER = string.ascii_lowercase + string.digits


def some(alphabet: str, least: int, most: int) -> st.SearchStrategy[str]:
    return st.text(alphabet, min_size=least, max_size=most)


def with_digit(least: int, most: int) -> st.SearchStrategy[str]:
    return some(LETTERS, least, most).map(lambda text: f"q7{text}x")


def digits(count: int) -> st.SearchStrategy[str]:
    return some(string.digits, count, count)


def as_card(number: str) -> str:
    """With its check digit (Luhn)."""
    doubled = number[::-1][::2].translate(str.maketrans("0123456789", "0246813579"))
    total = sum(map(int, doubled + number[::-1][1::2]))
    return f"{number}{-total % 10}"


def as_iban(account: str) -> str:
    """With its check digits (ISO 13616)."""
    return f"DE{98 - int(account + '131400') % 97:02}{account}"


def as_jwt(payload: str) -> str:
    header, body = (
        base64.urlsafe_b64encode(part.encode()).decode().rstrip("=")
        for part in ('{"alg":"HS256"}', f'{{"sub":"{payload}"}}')
    )
    return f"{header}.{body}.{payload * 3}"


SECRETS: dict[str, tuple[st.SearchStrategy[str], tuple[str, ...]]] = {
    "auth": (
        with_digit(8, 60),
        ("Authorization: {}", "got Bearer {} from", '"authorization":"{}"'),
    ),
    "card": (
        digits(14).map(lambda tail: as_card(f"4{tail}")),
        ("card {} declined", '"pan":"{}"', "pan={}", "{} 3 attempts"),
    ),
    "cookie": (with_digit(8, 60), ("Cookie: theme={}; lang=en", "set-cookie: a={}; Secure")),
    "customer": (
        some(LOWER, 3, 12).map(lambda name: f"q7{name}"),
        ("tenant_id={} full", 'customer: "{}"', "account #{}", '{{"customerId":"{}"}}'),
    ),
    "date-of-birth": (
        st.dates(min_value=date(1900, 1, 1)).map(lambda day: f"{day:%d.%m.%Y}"),
        ("dob={} plan", '"date_of_birth": "{}"', "born on {}"),
    ),
    "email": (
        some(LOWER, 2, 20).map(lambda name: f"{name}.q7@corp.example.org"),
        ("no user {}", "<{}>", "(email)=({})", "mailto:{}?subject=x", "to={};"),
    ),
    "iban": (digits(18).map(as_iban), ("to {} refused", "iban={}", '"{}"')),
    "ip": (
        st.one_of(st.ip_addresses(v=4), st.ip_addresses(v=6))
        .filter(lambda ip: ip.is_global or ip.is_private)
        .filter(lambda ip: isinstance(ip, ipaddress.IPv4Address) or len(str(ip)) > 9)
        .map(str)
        .filter(lambda text: text not in ("0.0.0.0", "255.255.255.255", "127.0.0.1")),
        ("peer {} reset", "client={} GET /", "[{}]:443 refused"),
    ),
    "jwt": (with_digit(8, 20).map(as_jwt), ("token {} expired", "jwt={}", '"{}"')),
    "mac": (
        st.binary(min_size=6, max_size=6).map(lambda raw: raw.hex(":")),
        ("device {} left", '"{}"', "arp: {}"),
    ),
    "national-id": (
        st.tuples(st.integers(1, 665), st.integers(1, 99), st.integers(1, 9999)).map(
            lambda parts: "{:03}-{:02}-{:04}".format(*parts)
        ),
        ("ssn {} failed", '"{}"', "id={}"),
    ),
    "phone": (
        digits(8).map(lambda tail: f"+49151{tail}"),
        ("sms to {} failed", "phone={}", '"{}"', "({})"),
    ),
    "private-key": (
        some(LETTERS, 40, 64).map(lambda line: f"q7{line}"),
        ("-----BEGIN RSA PRIV" + "ATE KEY-----\n{}\n-----END RSA PRIV" + "ATE KEY-----",),
    ),
    "secret": (
        some(LETTERS + "_-+/", 6, 40).map(lambda text: f"q7{text}"),
        (
            *("password={}", '"api_key": "{}"', "db_password: '{}'", "x?token={}&page=2"),
            *("deploy --password {} -v", "postgres://shop:{}9@db/shop", "<secret>{}</secret>"),
        ),
    ),
    "session": (with_digit(12, 40), ("PHPSESSID={} gone", '"sid":"{}"', "session_id={} expired")),
    "street": (
        st.sampled_from(["Kent", "Park", "Baker"]).map(lambda name: f"221 Old {name} Road"),
        ("ship to {} failed", '"{}"'),
    ),
    "token": (
        some(LETTERS, 36, 36).map(lambda text: "ghp" + "_" + text),
        ("retry {} after 503", "{}", "using {}:x", '["{}"]'),
    ),
    "user": (
        some(LOWER, 3, 16).map(lambda name: f"ann.{name}7"),
        ("user={} locked", "login of user {} failed", "/home/{}/x", 'username="{}"'),
    ),
}


def test_every_kind_has_its_secrets() -> None:
    named_by_sites_and_masking = {"api-key", "name"}
    assert set(KINDS) == SECRETS.keys() | named_by_sites_and_masking


@pytest.mark.parametrize("kind", SECRETS)
@given(st.data())
def test_what_was_hidden_is_nowhere_in_the_text(kind: str, data: st.DataObject) -> None:
    secrets, places = SECRETS[kind]
    secret, place = data.draw(secrets), data.draw(st.sampled_from(places))
    before = data.draw(st.sampled_from(["", "2026-11-21T02:17:02Z ERROR ", "x\n", '{"msg": "']))
    hidden = redact(before + place.format(secret))
    assert secret not in hidden.text
    assert hidden.found
    assert redact(hidden.text).text == hidden.text


@given(st.data())
def test_of_several_secrets_in_a_line_none_is_left(data: st.DataObject) -> None:
    kinds = data.draw(st.lists(st.sampled_from(sorted(SECRETS)), max_size=4))
    placed = [(data.draw(SECRETS[kind][0]), SECRETS[kind][1][0]) for kind in kinds]
    hidden = redact("; ".join(place.format(secret) for secret, place in placed)).text
    assert not [secret for secret, _ in placed if secret in hidden]
