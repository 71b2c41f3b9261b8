import re

import pytest

from bot.core.signing import codes, header, masking, signature
from tests.request_lines import ASKED, LINES, line


def signed(*told: object) -> str:
    return signature.of_line(line(*told)).fingerprint


@pytest.mark.parametrize("logger", LINES)
def test_each_failure_that_a_client_is_told_of_is_its_own_and_all_else_is_one(logger: str) -> None:
    ids = {status: signed(logger, status) for status in (200, 201, 304, 401, 404, 502, 503)}
    assert ids[200] == ids[201] == ids[304]
    assert ids[502] == ids[503]
    assert len({ids[status] for status in (200, 401, 404, 503)}) == 4


@pytest.mark.parametrize("logger", LINES)
def test_who_asked_for_what_and_how_long_it_took_makes_no_difference(logger: str) -> None:
    for status in (200, 404, 503):
        assert len({signed(logger, status, "GET", asked) for asked in range(len(ASKED))}) == 1


SAYS_NO_METHOD = [logger for logger, said in LINES.items() if "{method}" not in said]
BESIDE_A_MESSAGE = ["nginx json", "grafana"]


@pytest.mark.parametrize("logger", sorted({*LINES} - {*SAYS_NO_METHOD, *BESIDE_A_MESSAGE}))
def test_the_method_tells_requests_apart(logger: str) -> None:
    assert signed(logger, 503, "GET") != signed(logger, 503, "POST")


def test_but_not_beside_a_reason() -> None:
    said = 'level=error msg="no route" method={} path=/cart status=503'
    one, other = (signature.of_line(said.format(method)) for method in ("GET", "POST"))
    assert one.fingerprint == other.fingerprint


@pytest.mark.parametrize("logger", LINES)
def test_its_template_is_a_text_whose_template_it_is(logger: str) -> None:
    for status in (200, 404, 503):
        said = header.split(line(logger, status)).message
        once = masking.shape(said)
        assert masking.shape(once.template).key == once.key


@pytest.mark.parametrize("logger", LINES)
def test_a_failure_of_the_server_is_read(logger: str) -> None:
    told = [codes.answered(line(logger, status)) for status in (200, 404, 500, 503)]
    assert told == [0, 0, 500, 503]


@pytest.mark.parametrize(
    "text",
    [
        "GET /cart took 500 ms",
        "GET /cart - 512 rows",
        "GET /cart took 503ms",
        "sent 500 bytes in 7 ms",
        "503 of 600 carts are late",
        "listening on port 500",
    ],
)
def test_a_number_that_is_no_answer_is_none(text: str) -> None:
    assert codes.answered(text) == 0
    other = re.sub(r"5\d\d", "404", text)
    assert signature.of_line(text).fingerprint == signature.of_line(other).fingerprint
