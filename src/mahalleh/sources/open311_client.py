"""Asking an Open311 GeoReport v2 server politely: one question at a time, with pauses, and never too much.

A server that is busy is left alone for as long as it says (`Retry-After`), or for growing waits. Whoever
answers is not trusted: other schemes and other servers are not followed to, answers are cut off at a size,
and what they hold is judged by `_georeport`.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final
from urllib.parse import urljoin

import httpx

from mahalleh import __version__
from mahalleh.errors import SourceError
from mahalleh.sources import _georeport

PAUSE: Final = 1.0  # seconds between questions
TRIES: Final = 5  # of one question, with waits of 2, 4, 8 and 16 seconds between
PATIENCE: Final = 300.0  # seconds that a server may ask us to wait; beyond, a person comes back later
TIMEOUT: Final = httpx.Timeout(60.0, connect=15.0)  # seconds without a byte
LIMIT: Final = 64 * 2**20  # bytes of an answer; 1,000 requests with long texts have 5 MB
REDIRECTS: Final = 3  # to a slash, to another form, to a version; more is a circle
FORMS: Final = ("json", "xml")  # JSON first: it's what most servers know best
BUSY: Final = (429, 500, 502, 503, 504)  # too many requests, and what passes by itself
JURISDICTION: Final = "jurisdiction_id"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back.

    Attributes
    ----------
    status : int
        HTTP status.
    headers : httpx.Headers
        The answer's headers.
    body : bytes
        As it came, unpacked.
    """

    status: int
    headers: httpx.Headers
    body: bytes


@dataclass(frozen=True, slots=True)
class Address:
    """Where a server is.

    Attributes
    ----------
    base : str
        Below it stand `services` and `requests`.
    host : str
        Its name.
    extra : httpx.QueryParams
        Parameters for every question.
    shown : str
        What is said and written down, without parameters that may be secret or only change the manner of
        asking. With JURISDICTION it names a city: one server may speak for several.
    """

    base: str
    host: str
    extra: httpx.QueryParams
    shown: str


def address(url: str) -> Address:
    """Take an address apart.

    Parameters
    ----------
    url : str
        Such as `https://city.example/open311/v2?jurisdiction_id=city.example`.

    Returns
    -------
    Address
        Its parts.

    Raises
    ------
    SourceError
        Where it is none.

    Examples
    --------
    >>> address("https://city.example/open311/v2/?api_key=secret").shown
    'https://city.example/open311/v2'
    """
    try:
        given = httpx.URL(url)
    except (httpx.InvalidURL, TypeError) as error:
        raise SourceError("open311.bad-url", given=url) from error
    if given.scheme not in ("http", "https") or not given.host or given.userinfo:
        raise SourceError("open311.bad-url", given=given.host if given.userinfo else url)
    base = str(given.copy_with(query=None, fragment=None)).rstrip("/")
    city = given.params.get(JURISDICTION)
    shown = f"{base}?{httpx.QueryParams({JURISDICTION: city})}" if city else base
    return Address(base, given.host, given.params, shown)


class Server:
    """One server by its address.

    Parameters
    ----------
    place : Address
        Where it is.
    transport : httpx.BaseTransport, optional
        Another way than the network.
    wait : callable
        Lets seconds pass.
    """

    def __init__(
        self,
        place: Address,
        *,
        transport: httpx.BaseTransport | None = None,
        wait: Callable[[float], None] = time.sleep,
    ) -> None:
        self.base, self.shown, self.extra = place.base, place.shown, place.extra
        self.form = FORMS[0]
        self.asked = 0
        self.wait = wait
        agent = f"Mahalleh/{__version__} (community-safety partnership; Open311 client)"
        self.http = httpx.Client(
            transport=transport,
            timeout=TIMEOUT,
            headers={"User-Agent": agent, "Accept-Encoding": "gzip"},
        )

    def close(self) -> None:
        """End the connection."""
        self.http.close()

    def services(self) -> list[_georeport.Service]:
        """Ask what may be asked for; finds out on the way whether the server writes JSON or only XML.

        Returns
        -------
        list of Service
            Codes and names.

        Raises
        ------
        SourceError
            Where neither form is answered well; what is said is about the first.
        """
        first: SourceError | None = None
        for form in FORMS:
            self.form = form
            try:
                body = self.ask("services")
                return _georeport.services(body, url=self.shown)
            except SourceError as error:
                if error.faults[0].code in ("open311.no-answer", "open311.busy", "open311.moved"):
                    raise
                first = first or error
        raise first or SourceError("open311.no-services", url=self.shown)

    def ask(self, what: str, **parameters: str) -> bytes:
        """Ask one question, again after a pause where the server is busy.

        Parameters
        ----------
        what : str
            `services` or `requests`.
        **parameters : str
            Of the question.

        Returns
        -------
        bytes
            The body of the answer.

        Raises
        ------
        SourceError
            Where the server refuses, is busy for too long, does not answer, or answers with too much.
        """
        url = f"{self.base}/{what}.{self.form}"
        reason = ""
        delay = 0.0
        for number in range(TRIES):
            if self.asked:
                self.wait(max(delay, PAUSE))
            self.asked += 1
            delay = 2.0 ** (number + 1)
            try:
                answer = self._once(url, self.extra.merge(parameters))
            except httpx.RequestError as error:
                reason = type(error).__name__
                continue
            if answer.status == httpx.codes.OK:
                return answer.body
            if answer.status not in BUSY:
                self._refused(answer)
            reason = f"HTTP {answer.status}"
            delay = max(delay, _retry_after(answer.headers))
            if delay > PATIENCE:
                raise SourceError("open311.busy", url=self.shown, seconds=round(delay))
        raise SourceError("open311.no-answer", url=self.shown, tries=TRIES, reason=reason)

    def _once(self, url: str, parameters: httpx.QueryParams | None) -> Answer:
        for _ in range(1 + REDIRECTS):
            with self.http.stream("GET", url, params=parameters) as response:
                target = response.headers.get("Location")
                if not response.is_redirect or target is None:
                    return Answer(response.status_code, response.headers, self._body(response))
                url, parameters = self._next(url, target), None  # it stands in the target
        raise SourceError("open311.moved", url=self.shown, target=url)

    def _next(self, url: str, target: str) -> str:
        """Where a redirect leads, if it stays at the same scheme, host and port."""
        try:
            here, there = httpx.URL(url), httpx.URL(urljoin(url, target))
        except (httpx.InvalidURL, ValueError) as error:
            raise SourceError("open311.moved", url=self.shown, target=target[:200]) from error
        if (here.scheme, here.host, here.port) != (there.scheme, there.host, there.port):
            shown = there.copy_with(query=None, fragment=None)
            raise SourceError("open311.moved", url=self.shown, target=str(shown)[:200])
        return str(there)

    def _body(self, response: httpx.Response) -> bytes:
        parts, size = [], 0
        for part in response.iter_bytes():
            size += len(part)
            if size > LIMIT:
                raise SourceError("open311.too-big", url=self.shown, limit=LIMIT // 2**20)
            parts.append(part)
        return b"".join(parts)

    def _refused(self, answer: Answer) -> None:
        if told := _georeport.refusal(answer.body):
            raise SourceError("open311.refused", url=self.shown, code=told[0], description=told[1])
        raise SourceError("open311.status", url=self.shown, status=answer.status)


def _retry_after(headers: httpx.Headers) -> float:
    """Seconds that the server asks to wait: a number, or a moment that its own clock (`Date`) measures."""
    told = headers.get("Retry-After", "").strip()
    if told.isascii() and told.isdigit():
        return float(told[:9])
    try:
        until, now = (parsedate_to_datetime(text) for text in (told, headers.get("Date", "")))
        return max(0.0, (_utc(until) - _utc(now)).total_seconds())
    except (ValueError, TypeError):
        return 0.0


def _utc(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
