"""What can go wrong with one S3 request, each as a function that takes it to its end."""

import asyncio
import datetime as dt
from email.utils import format_datetime
from typing import TypeVar

from fault_proxy import Exchange, Fault
from s3http import Request, Response

Message = TypeVar("Message", Request, Response)
OTHER_REGION = "eu-central-1"
SKEW = dt.timedelta(hours=1)
ALLOWED_SKEW = dt.timedelta(minutes=15)
# Longer than any client waits.
STALL_SECONDS = 120


def refusal(status: int, code: str, message: str = "A fault of the test.", extra: str = "", headers: tuple = ()) -> Response:
    details = f"<Code>{code}</Code><Message>{message}</Message>{extra}<RequestId>0</RequestId>"
    text = f'<?xml version="1.0" encoding="UTF-8"?>\n<Error>{details}</Error>'
    return Response(status, [("Content-Type", "application/xml"), *headers, ("Content-Length", str(len(text)))], text.encode(), code)


async def drop_before(exchange: Exchange) -> None:
    """The server never hears of it."""
    exchange.drop()


async def drop_after(exchange: Exchange) -> None:
    """The server has done it, and the client does not learn so."""
    await exchange.forward()
    exchange.drop()


async def half_response(exchange: Exchange) -> None:
    data = (await exchange.forward()).bytes()
    await exchange.send(data[: len(data) // 2])
    exchange.drop()


async def error_instead(exchange: Exchange) -> None:
    """Status 200 with an error in its body, and nothing was done."""
    error = refusal(200, "InternalError")
    # As S3 keeps a slow answer alive.
    error.body = b"  \n" + error.body
    error.headers = [("Content-Type", "application/xml"), ("Content-Length", str(len(error.body)))]
    await exchange.reply(error)


async def error_after(exchange: Exchange) -> None:
    """Status 200 with an error in its body, although it was done."""
    await exchange.forward()
    await error_instead(exchange)


async def slow_down(exchange: Exchange) -> None:
    await exchange.reply(refusal(503, "SlowDown", "Please reduce your request rate."))


async def internal_error(exchange: Exchange) -> None:
    await exchange.reply(refusal(500, "InternalError"))


async def stall_before(exchange: Exchange) -> None:
    """Silence until the client gives up."""
    await until_client_leaves(exchange)


async def stall_after(exchange: Exchange) -> None:
    """The same, and the server has done it."""
    await exchange.forward()
    await until_client_leaves(exchange)


async def until_client_leaves(exchange: Exchange) -> None:
    for _ in range(STALL_SECONDS * 10):
        if exchange.is_abandoned:
            break
        await asyncio.sleep(0.1)
    exchange.drop()


async def slow(exchange: Exchange) -> None:
    """Late, but in time."""
    await asyncio.sleep(0.3)
    await exchange.reply(await exchange.forward())


async def corrupt_request(exchange: Exchange) -> None:
    """A bit of the body flips on its way to the server."""
    await exchange.reply(await exchange.forward(flipped(exchange.request)))


async def corrupt_response(exchange: Exchange) -> None:
    """A bit of the body flips on its way to the client."""
    await exchange.reply(flipped(await exchange.forward()))


def flipped(message: Message) -> Message:
    body = bytearray(message.body)
    if body:
        body[len(body) // 2] ^= 1
    message.body = bytes(body)
    return message


async def duplicate(exchange: Exchange) -> None:
    """The request reaches the server twice, and the client sees the second answer."""
    await exchange.forward()
    await exchange.reply(await exchange.forward())


async def conflict(exchange: Exchange) -> None:
    await exchange.reply(refusal(409, "ConditionalRequestConflict", "A conflicting operation took place during this request."))


async def precondition_after(exchange: Exchange) -> None:
    """The answer to a repetition: the first try has met the condition, so the second does not. Without a condition nothing goes wrong."""
    answer = await exchange.forward()
    if not (exchange.request.header("if-none-match") or exchange.request.header("if-match")):
        await exchange.reply(answer)
        return
    await exchange.reply(refusal(412, "PreconditionFailed"))


async def redirected(exchange: Exchange) -> None:
    """The bucket is elsewhere, until the signature is for that region."""
    if exchange.request.region == OTHER_REGION:
        await exchange.reply(await exchange.forward())
        return
    host, headers = exchange.request.header("host"), (("x-amz-bucket-region", OTHER_REGION),)
    await exchange.reply(refusal(301, "PermanentRedirect", extra=f"<Endpoint>{host}</Endpoint>", headers=headers))


async def malformed_region(exchange: Exchange) -> None:
    """The same as other servers say it."""
    if exchange.request.region == OTHER_REGION:
        await exchange.reply(await exchange.forward())
        return
    message = f"the region '{exchange.request.region}' is wrong; expecting '{OTHER_REGION}'"
    await exchange.reply(refusal(400, "AuthorizationHeaderMalformed", message, extra=f"<Region>{OTHER_REGION}</Region>"))


async def skewed(exchange: Exchange) -> None:
    """The server's clock is an hour ahead, and it wants signatures of its own time."""
    now = dt.datetime.now(dt.UTC) + SKEW
    signed = exchange.request.header("x-amz-date")
    if signed and abs(dt.datetime.strptime(signed, "%Y%m%dT%H%M%SZ").replace(tzinfo=dt.UTC) - now) <= ALLOWED_SKEW:
        await exchange.reply(await exchange.forward())
        return
    headers = (("Date", format_datetime(now, usegmt=True)),)
    await exchange.reply(refusal(403, "RequestTimeTooSkewed", extra=f"<ServerTime>{now:%Y-%m-%dT%H:%M:%SZ}</ServerTime>", headers=headers))


async def expired_token(exchange: Exchange) -> None:
    await exchange.reply(refusal(400, "ExpiredToken", "The provided token has expired."))


async def denied(exchange: Exchange) -> None:
    await exchange.reply(refusal(403, "AccessDenied", "Access Denied."))


async def conditions_ignored(exchange: Exchange) -> None:
    """A store that answers 200 whatever the condition says. Only for a server that checks no signatures: the headers are signed."""
    await exchange.reply(await exchange.forward(exchange.request.without("if-none-match", "if-match")))


def named(fault: Fault) -> str:
    return fault.__name__.replace("_", "-")
