"""JSON over HTTP by the standard library: one connection kept open, time limits, and further tries where they help."""

import http.client
import json
import time
from urllib.parse import urlsplit

from mixlib.arrays import whole

__all__ = []  # for the modules of this library

LONGEST = 86_400  # seconds to wait for an answer
LARGEST = 2**26  # bytes of an answer
PAUSE = 0.25  # seconds before the first new try; twice as long before each later one
AGAIN = (429, 500, 502, 503, 504)  # the server is busy, loading its model, or broken: it may be well the next time


class Refused(ValueError):
    """What the server will not answer, however often it is asked."""


class Server:
    """A server that is asked for JSON and given JSON."""

    connection = None

    def __init__(self, url, *, timeout, retries, key=None):
        parts = urlsplit(url if isinstance(url, str) else "")
        try:
            self.address, valid = (parts.hostname, parts.port), parts.scheme in ("http", "https") and parts.hostname
        except ValueError:  # a port that is none
            valid = False
        if not valid or parts.query:
            raise ValueError(f"url: expected http://host:port, got {url!r}")
        if not 0 < timeout <= LONGEST:
            raise ValueError(
                f"timeout: expected seconds above 0, at most {LONGEST:,}, got {timeout}; 60 is a good start"
            )
        whole(retries, "retries", 0)
        self.path = parts.path.rstrip("/").removesuffix("/v1")
        self.url = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{self.path}"
        self.make = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        self.timeout, self.retries = timeout, retries
        self.headers = {"Content-Type": "application/json", "Accept": "application/json"}
        self.headers |= {"Authorization": f"Bearer {key}"} if key else {}

    def get(self, path):
        """The JSON at a path."""
        return self._asked("GET", path, None)

    def post(self, path, value):
        """What the server answers to a value."""
        return self._asked("POST", path, json.dumps(value).encode("ascii"))

    def _asked(self, method, path, body):
        for attempt in range(self.retries + 1):
            try:
                status, content = self._once(method, path, body)
                if status not in AGAIN:
                    return self._parsed(path, status, content)
                trouble = ConnectionError(f"{self.url}: answers {status} ({_reason(content)}); look at what it prints")
            except TimeoutError:
                trouble = TimeoutError(
                    f"{self.url}: no answer within {self.timeout:g} seconds; is it loading, or give it more time"
                )
            except (OSError, http.client.HTTPException) as error:
                why = getattr(error, "strerror", None) or str(error) or type(error).__name__
                trouble = ConnectionError(
                    f"{self.url}: nobody answers ({why}); start the server, or correct the address"
                )
            self._close()
            if attempt < self.retries:
                time.sleep(PAUSE * 2**attempt)
        raise trouble from None

    def _once(self, method, path, body):
        kept = self.connection is not None
        if not kept:
            self.connection = self.make(*self.address, timeout=self.timeout)
        try:
            self.connection.request(method, self.path + path, body, self.headers)
            response = self.connection.getresponse()
        except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError):
            self._close()
            if not kept:
                raise
            return self._once(method, path, body)  # the server had closed a connection that nobody used
        content = response.read(LARGEST + 1)
        if len(content) > LARGEST:
            self._close()
            raise ValueError(f"{self.url}: answers more than {LARGEST:,} bytes")
        return response.status, content

    def _parsed(self, path, status, content):
        if status in (401, 403):
            raise ValueError(f"{self.url}: answers {status} ({_reason(content)}); it wants a key, or another one")
        if status != 200:
            raise Refused(f"{self.url}{path}: answers {status} ({_reason(content)})")
        try:
            value = json.loads(content)
        except (ValueError, RecursionError):
            raise Refused(f"{self.url}{path}: answers no JSON ({_reason(content)})") from None
        if not isinstance(value, dict):
            raise Refused(f"{self.url}{path}: answers no JSON object")
        return value

    def __del__(self):
        self._close()

    def _close(self):
        if self.connection is not None:
            self.connection.close()
            self.connection = None


def _reason(content):
    """What the server says of it, in one line."""
    try:
        said = json.loads(content)
        said = said.get("error", said) if isinstance(said, dict) else said
        said = said.get("message", said) if isinstance(said, dict) else said
    except (ValueError, RecursionError):
        said = content.decode("utf-8", "replace")
    line = " ".join(str(said).split())
    line = "".join(sign if sign.isprintable() else "?" for sign in line)
    return (line[:157] + "...") if len(line) > 160 else line or "nothing"
