"""Each rule by itself: what it finds, and that it is asked wherever it would."""

import re
import string
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core import linear
from bot.core.redaction import (
    GROUPS,
    Redactor,
    codes,
    command,
    contact,
    customer,
    dialogue,
    hashed,
    keyed,
    machine,
    national,
    payment,
    person,
    private_key,
    redact,
    refused,
    spoken,
    statement,
    tokens,
    transport,
)
from bot.core.redaction.rule import KINDS, Rule
from tests.core.redaction.matched import text_with

RULES = [rule for group in GROUPS for rule in group]
PAYLOADS = Path(__file__).parent.parent.parent / "sources" / "payloads"
LETTERS = string.ascii_letters + string.digits
LINE = (string.ascii_letters + "+/0123456789")[:64]
BEGIN, END = "-----BEGIN RSA PRIV" + "ATE KEY-----", "-----END RSA PRIV" + "ATE KEY-----"

NATIONAL = (
    "529.982.247-25",
    "11.222.333/0001-81",
    "12345678Z",
    "RSSMRA85T10A562S",
    "2 55 08 14 168 025 38",
    "756.9217.0769.85",
    "85.07.30-033.28",
    "131052-308T",
    "736028/5163",
    "01129900160",
    "0101006500006",
    "15 070649 C 103",
    "943 476 5919",
    "MORGA657054SM9IJ",
    "912-70-1234",
    "7503305044089",
    "11010519491231002X",
    "971013-9019902",
    "770305-02-1234",
    "S8116474F",
    "1-2345-45678-78-1",
    "784-1980-1234567-9",
    "42201-0397640-8",
    "2341 2341 2346",
    "AAPFU0939F",
    "112-233-445 95",
    "12.531.909-2",
    "20-05536168-2",
    "BOXW310820HNERXN09",
    "GODE561231GR8",
)
"""One number of each state that is told by its shape, from the documents that define them."""

EXAMPLES: dict[str, tuple[tuple[Rule, ...], tuple[str, ...]]] = {
    "private_key": (
        private_key.RULES,
        (
            f"bad key:\n{BEGIN}\n{LINE}\n{END}\nat line 3",
            f"\n{LINE}\n{LINE}\n{LINE[:12]}\n{END}",
            f"Private-Lines: 2\n{LINE}\n{LINE}\nPrivate-MAC: 1",
            "LS0tLS1CRUdJTiB" + "SU0EgUFJJVkFURSBLRVktLS0tLQ==",
            '"kty":"oct","k":"' + LETTERS[:43] + '"',
            "$ANSIBLE_VAULT;1.1;AES256\n" + "0123456789" * 8,
            "CLIENT_RANDOM " + "0123456789abcdef" * 4 + " " + "0123456789abcdef" * 6,
            "AGE-SECRET-" + "KEY-1" + LETTERS.upper()[:50] + "0123456789"[:2] + " lost",
        ),
    ),
    "transport": (
        transport.RULES,
        (
            "postgres://shop:p4ss@db.internal/shop",
            "https://" + LETTERS[:32] + "@git.internal/x.git",
            "?next=amqp%3A%2F%2Fshop%3Ap4ss%40mq%2Fjobs",
            "GET /weather?appid=" + "0123456789abcdef" * 2,
            "dial shop:p4ss@tcp(10.0.0.1:3306)/shop",
            "connect shop:hunter22@db.internal:5432",
            "Authorization: Digest username=x1",
            'Digest username="x1", uri="/", response="0123456789abcdef0123456789abcdef"',
            "got Bearer abc.def-123456",
            "Credential=ABCDEFGH/20261121/eu-west-1/s3",
            "Set-Cookie: a=b4; Path=/; HttpOnly",
            "Cookie: a=b4; theme=dark",
            "PHPSESSID=s5k2n8v7c3x1z9",
            ".corp.example\tTRUE\t/\tFALSE\t0\tx\ts5k2n8v7c3x1z9",
            "[version: 0][name: sid][value: s5k2n8v7c3x1z9][domain: corp.example]",
            "Sec-WebSocket-Protocol: bearer, s5k2n8v7c3x1z9",
            "session 4f9a8b7c6d5e4f3a2b1c gone",
        ),
    ),
    "tokens": (
        (*tokens.RULES[:7], *tokens.RULES[-5:]),
        (
            "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjMifQ.c2lnbmF0dXJl",
            "eyJhbGci" + LETTERS[:20] + "…",
            "https://hooks." + "slack.com/services/" + LETTERS[:30],
            "https://discord.com/api/webhooks/" + LETTERS[:30],
            "https://api.telegram.org/bot" + LETTERS[:30] + "/getMe",
            "PUT /c/f.txt?sv=2023-11-03&sig=" + LETTERS[:30],
            "https://" + "0123456789abcdef" * 2 + "@errors.internal/4",
            "<token>:" + LETTERS[:40],
            "product ABCDE-12345-FGHIJ-67890-KLMNO",
            "sk-" + LETTERS[:30] + " refused",
            "newcomer_live_" + "x1Y2" * 8,
            "https://chat.internal/hooks/zx8kq2lm9pw4rt7vbn3c",
        ),
    ),
    "statement": (
        statement.RULES,
        (
            "INSERT INTO users (id, password) VALUES (3, 'tr0ub4dor')",
            "SET password=$1 WHERE id=$2 parameters: $1 = 'tr0ub4dor', $2 = '88'",
            "DETAIL:  parameters: $1 = '7', $2 = 'tr0ub4dor'",
            "DETAIL:  Failing row contains (7, Ann, tr0ub4dor).",
            "DETAIL:  Key (shop, token)=(7, tr0ub4dor) already exists.",
        ),
    ),
    "keyed": (
        keyed.RULES,
        (
            "uid=a;PWD={b;7c};Encrypt=yes",
            "userPassword:: c2VjcmV0MQ==",
            "WIFI:T:WPA;S:shop;P:tr0ub4dor;;",
            "db_password = 'tr0ub4dor'",
            "<clientSecret>tr0ub4dor</clientSecret>",
            "<b>Password:</b> <code>tr0ub4dor</code>",
            "<key>password</key>\n<string>tr0ub4dor</string>",
            '<input name="password" class="x" value="tr0ub4dor">',
            '["deploy", "--token", "tr0ub4dor"]',
            '{password,<<"tr0ub4dor">>}',
            "setx DB_PASSWORD tr0ub4dor",
            "password: |\n  tr0ub4dor\nhost: db1",
            "db1.internal:5432:shop:ann:tr0ub4dor",
            'PlainLoginModule required user_ann="tr0ub4dor";',
            "ApiKey(value=tr0ub4dor)",
            "password: <Buffer 74 72 30 75 62>",
            'pool.setPassword("tr0ub4dor")',
            'name="password"\r\n\r\ntr0ub4dor\r\n--x',
            's:8:"password";s:9:"tr0ub4dor";',
            "- name: DB_PASSWORD\n  value: tr0ub4dor",
            'master_password: "0ld-one" => "tr0ub4dor"',
            "пароль: tr0ub4dor",
            "[db_pass:Db:private] => tr0ub4dor",
            "default credentials admin/tr0ub4dor",
            "requests.get(url, auth=('ann', 'tr0ub4dor'))",
            'password: "<secret>" => "tr0ub4dor"',
            "machine git.internal login ann password tr0ub4dor",
            "#3 db.php(12): mysqli_connect('db1', 'root', 'tr0ub4dor')",
            "#3 web.php(12): Session->login('ann', 'tr0ub4dor')",
        ),
    ),
    "refused": (
        refused.RULES,
        (
            'invalid value "tr0ub4dor" for flag -password: too short',
            "Path `password` (`tr0ub4dor`) is shorter than the minimum allowed length",
            'Property: app.jwt.secret\n    Value: "tr0ub4dor"',
            "secret_key\n  too short [type=string_too_short, input_value='tr0ub4dor']",
            'from String "tr0ub4dor": no\n (through reference chain: com.corp.Login["password"])',
            "{ value: 'tr0ub4dor', msg: 'too short', param: 'password' }",
            '{"loc":["body","password"],"msg":"too short","input":"tr0ub4dor"}',
            "'tr0ub4dor' is too short\n\nFailed validating 'minLength' in schema['password']",
        ),
    ),
    "codes": (
        codes.RULES,
        (
            "verification code 482913 refused",
            "G-482913 is your sign-in code",
            "Ihr Code lautet 482913",
            "backup codes: 1a2b-3c4d, 5e6f-7a8b",
            "recovery code 1a2b-3c4d refused",
            "OTP for ann (login): 482913",
            "Ihr Bestätigungscode: 482913",
            "card declined, cvc 482",
            "license key WKIX0-C496T-VTW3P-O3FJW activated",
        ),
    ),
    "spoken": (
        spoken.RULES,
        (
            r'password is "ab\"tr0ub4dor" x',
            "typed tr0ub4dor as password",
            "CREATE USER x IDENTIFIED BY 'tr0ub4dor'",
            "SELECT pgp_sym_decrypt(ssn, 'tr0ub4dor')",
            "A temporary password is generated for root@localhost: Tr<0ub4>dor;",
            "the password is tr0ub4dor",
            "API key generated, log in with this: q7K2mP9vT4wZ8nB3cR6y",
            "the password you entered (tr0ub4dor) is not ours",
            "Wachtwoord voor ann is tr0ub4dor",
            "expected password tr0ub4dor",
            "expected <secret> but got tr0ub4dor",
            "exchanged the token for code q7K2mP9vT4wZ8nB3cR6y",
            "The password for the first login is as follows:\n\nq7K2mP9vT4wZ8nB3cR6y\n",
            "PASSWORD elastic = q7K2mP9vT4wZ8nB3cR6y",
            'entered password "correcthorse"',
            "пароль «tr0ub4dor»",
            "tried password tr0ub4dor",
            "login with passphrase correct-horse-battery failed",
            "typed the password tr0ub4dor&3 twice",
            "API key q7K2mP9vT4wZ8nB3cR6y rejected",
            "q7K2mP9vT4wZ8nB3cR6y is not a valid API token",
            "rotated the secret from tr0ub4dor to tr0ub4dor2",
            "rotated from <secret> to tr0ub4dor2",
            "signing key 0x" + "0123456789abcdef" * 2 + " loaded",
            "seed phrase: " + "absent cactus lens " * 4,
        ),
    ),
    "hashed": (
        hashed.RULES,
        (
            "X-Hub-Signature-256: sha256=" + "0123456789abcdef" * 4,
            "$2b$12$" + LETTERS[:53],
            "userPassword:: {SSHA}" + LETTERS[:32],
            "{PBKDF2é}" + LETTERS[:32],
        ),
    ),
    "command": (
        command.RULES,
        (
            "deploy --api-key tr0ub4dor",
            "mysqldump -u root -ptr0ub4dor shop",
            "sshpass -p 'tr0ub 4dor' ssh db",
            "openssl enc -k tr0ub4dor -in x",
            "snmpwalk -c tr0ub4dor host",
            "az keyvault secret set --name db --value tr0ub4dor",
            "ssh-keygen -N tr0ub4dor",
            "vault login q7K2mP9vT4wZ8nB3cR6y",
            "doctl auth init -t tr0ub4dor",
            "snyk auth 0123456789abcdef",
            'argc=3 a0="curl" a1="-u" a2="ann:tr0ub4dor"',
            "smbclient //fs1/share -U ann%tr0ub4dor",
            "xfreerdp /u:ann /p:tr0ub4dor",
            'ConvertTo-SecureString "tr0ub4dor" -AsPlainText',
            "tacacs-server key 7 094F471A1A0A",
            "docker login -u ci -p tr0ub4dor hub.internal",
            "rabbitmqctl change_password shop tr0ub4dor",
            "sqlplus system/tr0ub4dor@orcl",
            "snmpget -v3 -u ops -A tr0ub4dor host",
            "curl -u shop:tr0ub4dor host",
            "net use Z: \\\\fs1\\share /user:CORP\\ann tr0ub4dor",
            "echo tr0ub4dor | docker login -u ci --password-stdin",
        ),
    ),
    "dialogue": (
        dialogue.RULES,
        (
            "C: AUTH PLAIN AGFuYQBzM2NyM3Q=",
            "S: 334 UGFzc3dvcmQ6\nC: czNjcjN0LW1haWw=",
            "ftp> PASS tr0ub4dor",
            'a001 LOGIN ann "tr0ub4dor"',
            "AUTH default tr0ub4dor",
            "ACL SETUSER worker on >tr0ub4dor ~*",
            "redis-7: AUTH tr0ub4dor failed",
            "{ command: 'AUTH', args: [ 'tr0ub4dor' ] }",
            "SAMLResponse=PHNhbWxwOlJlc3BvbnNl",
            "/login/magic/zx8kq2lm9pw4rt7v",
            "/join/q7K2mP9vT4wZ8nB3cR6y",
            "/magic?t=q7K2mP9vT4wZ8nB3cR6y",
            "/callback?code=Zx8kq2Lm9pw4rt7V&state=1",
        ),
    ),
    "contact": (
        (*contact.EMAIL, *contact.PHONE, *contact.STREET),
        (
            "?to=jane%40corp.example.org",
            'RCPT TO:<"ann lee"@corp.example>',
            "jörg@bücher.example",
            "call +49 151 23456789",
            "to=+4915123456789",
            "call (212) 555-0142",
            "ruf 030 / 1234567" + ", 0301/234 5678",
            "ruf (11) 98765-4321",
            "phone: 5550142 99",
            "телефон: 8 916 555 01 42",
            "ship to 12 Old Kent Road",
            'address="1 The Mall, London"',
            "Lange Straße 5, Musterstraße 12",
            "Via Roma 12, Bari",
            "P.O. Box 1234",
            "12 rue de la Paix, Paris",
            "to <street>, 75002 Paris",
        ),
    ),
    "payment": (
        payment.RULES,
        (
            "card 4111 1111 1111 1111 3 attempts left",
            "card 411111111111 1111",
            "%B4111111111111111^LEE/ANN^2512101?",
            "sort code 20-00-00",
            "DE89 3704 0044 0532 0130 00",
            "de89370400440532013000",
        ),
    ),
    "national": (
        national.RULES,
        (
            "ssn 078-05-1121",
            "passport no: C01X00T47",
            "EIN: 12-3456789",
            "AB 12 34 56 C",
            "holder G123456(A)",
            "P<UTOLEE<<ANN<<<<<<<<<<<<<<<<<<<<<<<<<",
            "I<UTOD231458907<<<<<<<<<<<<<<<",
            *NATIONAL,
        ),
    ),
    "machine": (
        machine.RULES,
        (
            "3c:22:fb:01:aa:9d",
            "3c22.fb01.aa9d",
            "peer 203.0.113.77",
            "http://203.0.113.77/x",
            "2001:db8:85a3:1:2:8a2e:370:7334",
            "2001:db8::7334",
        ),
    ),
    "person": (
        person.RULES,
        (
            "born on 12.3.1981",
            'from String "12.3.1981": no\n (through reference chain: com.corp.Person["birthDate"])',
            "cannot read https://ann.lee@git.internal/x.git",
            "full_name=Ann Lee;plan=gold",
            'login="ann lee"',
            "role 'ann.lee'",
            "Accepted publickey for ann from db1",
            "PID|1||4711^^^HOSP||LEE^ANN||19810312|F",
            "CORP\\ann.lee failed",
            '- - ann [22/Nov/2026:09:12:02 +0000] "GET / HTTP/1.1" 500 0',
            "DETAIL:  Key (lower(last_name), first_name)=(Lee, Ann) already exists.",
            '{"user":{"age":7,"name":"Ann Lee"}}',
            "user ann_lee failed",
            "login: ann.lee",
            "/home/ann/x",
        ),
    ),
    "customer": (
        customer.RULES,
        (
            "customer: Ann de la Tour left",
            'customer_name: "Ann & Sons"',
            "tenant_id=acme-eu",
            '{"customer":{"plan":7,"name":"Acme Corp"}}',
            "DETAIL:  Key (customer_id, day)=(acme, 2026-11-22) already exists.",
            "for cus_Nffrf23",
            "for CUST-10023",
        ),
    ),
}


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_rule_finds_something_that_no_other_is_needed_for(name: str) -> None:
    rules, examples = EXAMPLES[name]
    idle = [rule.why for rule in rules if not any(map(rule.hide, examples))]
    assert not idle


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_example_is_found_by_all_the_rules_together(name: str) -> None:
    _, examples = EXAMPLES[name]
    assert all(redact(example).found for example in examples)


def test_the_table_of_examples_leaves_no_rule_out() -> None:
    shown = {rule.why for rules, _ in EXAMPLES.values() for rule in rules}
    formats = {rule.why for rule in tokens.RULES[7:-5]}
    assert {rule.why for rule in RULES} == shown | formats


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.why[:40])
def test_a_rule_says_what_it_finds(rule: Rule) -> None:
    assert rule.why
    assert rule.kind in KINDS
    assert [other for other in RULES if other.why == rule.why] == [rule]


SIGNS = [(rule, linear.which([rule.sign], first=0)) for rule in RULES]


@settings(max_examples=settings().max_examples // 3)
@given(st.randoms(use_true_random=True))
def test_a_rule_is_asked_wherever_its_pattern_finds_something(draw: Random) -> None:
    texts = [(text_with(rule.pattern, draw), is_seen, rule.why) for rule, is_seen in SIGNS]
    assert not [(why, text) for text, is_seen, why in texts if not is_seen(linear.seen(text))]


ASKED_ALWAYS = Redactor([[replace(rule, sign="", begins="") for rule in group] for group in GROUPS])
"""What `redact` would be if it were not in a hurry."""

WORDS = [example for _, examples in EXAMPLES.values() for example in examples]
PARTS = [part for word in WORDS for part in re.split(r"(?<=[=: ])", word)]


@given(st.lists(st.sampled_from([*WORDS, *PARTS, " ", "\n", '"', "é", "—", "\u3000"]), max_size=8))
def test_looking_for_signs_first_changes_nothing(parts: list[str]) -> None:
    text = "".join(parts)
    assert redact(text) == ASKED_ALWAYS(text)


@pytest.mark.parametrize("path", sorted(PAYLOADS.rglob("*.*")), ids=lambda path: path.name)
def test_looking_for_signs_first_changes_nothing_in_real_logs(path: Path) -> None:
    text = path.read_text(encoding="utf-8")[:8_000]
    assert redact(text) == ASKED_ALWAYS(text)
