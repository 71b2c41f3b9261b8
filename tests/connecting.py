"""Settings that connect to a workspace of the tests."""

from collections.abc import Iterator
from contextlib import contextmanager

from pydantic import SecretStr

from bot.settings import Slack
from bot.workspace import Workspace, serve


@contextmanager
def connected(workspace: Workspace) -> Iterator[Slack]:
    """The settings that reach it over Socket Mode, while it is served."""
    with serve(workspace) as server:
        yield Slack(
            api_url=server.api_url,
            bot_token=SecretStr(workspace.bot_token),
            app_token=SecretStr(workspace.app_token),
        )
