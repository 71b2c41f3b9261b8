import socket

import pytest

from bot import demo
from bot.errors import SettingsError


def test_a_port_that_is_taken_is_said_before_anything_is_read(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as taken,
        pytest.raises(SettingsError, match="choose another with --port"),
    ):
        demo.run(once=False, port=taken.getsockname()[1])
    assert not capsys.readouterr().err
