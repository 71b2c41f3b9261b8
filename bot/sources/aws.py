"""Amazon's APIs through boto3, which finds credentials and regions and signs requests; needs the
extra `aws`. Requests are sent by `ask`, as for every source, so that they can be stopped."""

from collections.abc import Iterator
from functools import lru_cache, partial
from threading import Lock
from typing import TYPE_CHECKING, Any

import boto3
from botocore.awsrequest import AWSResponse, HeadersDict
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from bot.errors import SourceError
from bot.sources.pulled import Ask, Limited, Request, Unavailable

if TYPE_CHECKING:
    from botocore.awsrequest import AWSPreparedRequest

_BUSY = frozenset(
    {"LimitExceededException", "RequestLimitExceeded", "Throttling", "ThrottlingException"}
)
_REMEDIES = {
    "AccessDeniedException": "allow these credentials `logs:FilterLogEvents` on the log group",
    "ExpiredTokenException": "renew the credentials",
    "InvalidSignatureException": "check the credentials, and the clock of this machine",
    "ResourceNotFoundException": "check `log_groups` and `region`",
    "UnrecognizedClientException": "check the credentials",
}
_QUOTED = 300
_MAKING = Lock()
"""A session makes one client at a time."""


class Logs:
    """CloudWatch's logs in a region, with a profile of ~/.aws or whatever else boto3 finds."""

    def __init__(self, *, region: str, profile: str, url: str, ask: Ask) -> None:
        """Raises SourceError where boto3 lacks a region or the profile."""
        try:
            with _MAKING:
                self._client = _session(region, profile).client(
                    "logs",
                    endpoint_url=url or None,
                    config=Config(retries={"total_max_attempts": 1}),
                )
        except BotoCoreError as error:
            raise SourceError(f"boto3: {error} `region` and `profile` name them.") from error
        self._client.meta.events.register("before-send.cloudwatch-logs", partial(_send, ask=ask))

    def filter_events(self, **asked: Any) -> dict[str, Any]:
        """A page, as FilterLogEvents gives it. Raises Unavailable if it is to be asked again later,
        else SourceError with the remedy."""
        try:
            found: dict[str, Any] = self._client.filter_log_events(**asked)
        except ClientError as error:
            raise _told(error) from error
        except BotoCoreError as error:
            raise SourceError(f"boto3: {error}; it looks for credentials as the AWS CLI") from error
        return found


@lru_cache(maxsize=50)
def _session(region: str, profile: str) -> boto3.Session:
    """A session, cached because it keeps borrowed credentials until they end."""
    return boto3.Session(region_name=region or None, profile_name=profile or None)


def _told(error: ClientError) -> SourceError:
    said, status = error.response.get("Error", {}), error.response["ResponseMetadata"]
    code = str(said.get("Code"))
    told = f"CloudWatch answers {code} ({str(said.get('Message'))[:_QUOTED]})"
    if code in _BUSY:
        return Limited(f"{told}: it allows no more for now")
    if status["HTTPStatusCode"] >= 500:
        return Unavailable(f"{told}: it is asked again")
    return SourceError(f"{told}: {_REMEDIES.get(code, 'check the settings of the source')}")


class _Body:
    """An answer's body that was read already; boto3 reads it in one piece."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    def stream(self) -> Iterator[bytes]:
        yield self._body


def _send(request: "AWSPreparedRequest", *, ask: Ask, **_: Any) -> AWSResponse:
    body = request.body.encode() if isinstance(request.body, str) else request.body
    headers = {name: _text(value) for name, value in request.headers.items()}
    reply = ask(Request(request.url, headers=headers, body=bytes(body or b"")))
    return AWSResponse(request.url, reply.status, HeadersDict(reply.headers), _Body(reply.body))


def _text(value: str | bytes) -> str:
    return value.decode() if isinstance(value, bytes) else value
