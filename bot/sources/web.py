"""Asks sources over HTTP."""

from collections.abc import Coroutine
from functools import partial
from typing import Any

import httpx2

from bot import wire
from bot.errors import SourceError
from bot.sources.pulled import Request, Unavailable
from bot.wire import Reply

LONGEST = 64 << 20
"""Bytes of a page: a thousand logs with all they say, of which few have more than 64 KiB."""
WITHIN_SECONDS = 60.0


class Web:
    """Sends requests to sources, each in the thread that asks, until it is stopped."""

    def __init__(self, *, within_seconds: float = WITHIN_SECONDS) -> None:
        self._line = wire.Line()
        self._within_seconds = within_seconds

    def ask(self, request: Request) -> Reply:
        """The answer, whatever its status. Raises Unavailable if there is none, SourceError if the
        request cannot be made."""
        try:
            return self._line.run(partial(_exchange, request), within_seconds=self._within_seconds)
        except (wire.NotBegun, wire.Ended):
            raise Unavailable("Stopped while it was asked.") from None
        except TimeoutError:
            raise Unavailable(
                f"{request.url} does not answer within {self._within_seconds:g} s"
            ) from None
        except wire.Overlong:
            raise SourceError(
                f"{request.url} answers with more than {LONGEST >> 20} MiB: set a lower `limit`"
            ) from None
        except (httpx2.UnsupportedProtocol, httpx2.LocalProtocolError, httpx2.InvalidURL) as error:
            raise SourceError(
                f"{request.url} cannot be asked ({type(error).__name__}): check `url` and its keys"
            ) from None
        except httpx2.TransportError as error:
            raise Unavailable(
                f"{request.url} cannot be reached ({type(error).__name__}): check `url`"
            ) from None

    def stop(self) -> None:
        """End the requests under way at once; none begins later."""
        self._line.stop()


def _exchange(request: Request) -> Coroutine[Any, Any, Reply]:
    asked: dict[str, Any] = {"params": request.params, "headers": request.headers}
    if request.json is not None:
        asked["json"] = request.json
    elif request.body is not None:
        asked["content"] = request.body
    method = "POST" if asked.keys() & {"json", "content"} else "GET"
    return wire.exchange(method, request.url, longest=LONGEST, **asked)
