"""A browser without pictures and script, over a plain socket: what the network sees, and cookies as the portal sets them."""

import http.client
import re
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

File = tuple[str, bytes]
CSRF = "__Host-csrf"


@dataclass(frozen=True)
class Answer:
    status: int
    path: str
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()


class Visitor:
    """Keeps cookies and follows redirections. `cookies` may be handed to a real browser."""

    def __init__(self, url: str) -> None:
        self.host = urlsplit(url).netloc
        self.cookies: dict[str, str] = {}
        self.led_to: set[str] = set()  # addresses that the portal named, as a redirection or on a page

    def get(self, path: str, **headers: str) -> Answer:
        return self._ask("GET", path, headers=headers)

    def post(self, path: str, fields: Mapping[str, str] | None = None) -> Answer:
        body = urlencode({"csrfmiddlewaretoken": self.cookies.get(CSRF, ""), **(fields or {})}).encode()
        return self._ask("POST", path, body, {"Content-Type": "application/x-www-form-urlencoded"})

    def send(self, path: str, files: Sequence[File], fields: Mapping[str, str] | None = None) -> Answer:
        body, kind = self.form(files, fields)
        return self._ask("POST", path, body, {"Content-Type": kind})

    def form(self, files: Sequence[File], fields: Mapping[str, str] | None = None) -> tuple[bytes, str]:
        """A form full of files as it goes over the wire, and its content type."""
        line = uuid.uuid4().hex
        parts = [
            f'--{line}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
            for name, value in {"csrfmiddlewaretoken": self.cookies.get(CSRF, ""), **(fields or {})}.items()
        ]
        for name, content in files:
            head = f'--{line}\r\nContent-Disposition: form-data; name="files"; filename="{name}"\r\n'
            parts.append(head.encode() + b"Content-Type: application/octet-stream\r\n\r\n" + content + b"\r\n")
        return b"".join([*parts, f"--{line}--\r\n".encode()]), f"multipart/form-data; boundary={line}"

    def cookie(self) -> str:
        return "; ".join(f"{name}={value}" for name, value in self.cookies.items())

    def sign_in_by_mail(self, email: str, mail: Callable[[], str]) -> None:
        self.get("/sign-in/")
        asked = self.post("/sign-in/", {"email": email, "way": "code"})
        [code] = re.findall(r"\b\d{6}\b", mail())
        assert self.post(asked.path, {"code": code}).status == 200

    def sign_in_by_password(self, email: str, password: str, code: Callable[[], str]) -> None:
        self.get("/sign-in/")
        asked = self.post("/sign-in/", {"email": email, "way": "password"})
        half = self.post(asked.path, {"login": email, "password": password})
        inside = self.post(half.path, {"code": code()})
        if inside.path.startswith("/sign-in/"):  # its 30 seconds ended on the way
            inside = self.post(half.path, {"code": code()})
        assert (inside.status, inside.path.startswith("/sign-in/")) == (200, False)

    def _ask(self, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None) -> Answer:
        line = http.client.HTTPConnection(self.host, timeout=60)
        try:
            line.request(method, path, body, {"Cookie": self.cookie(), **(headers or {})})
            answer = line.getresponse()
            found = Answer(answer.status, path, answer.headers, answer.read())
            set_ = answer.headers.get_all("Set-Cookie") or []
        finally:
            line.close()
        self.cookies |= dict(one.partition(";")[0].split("=", 1) for one in set_)
        self.led_to |= {found.headers.get("Location", ""), *re.findall(r'(?:href|action|src)="([^"]+)"', _text(found))}
        if found.status in {302, 303}:
            return self._ask("GET", _inside(found.headers["Location"]))
        return found


def _text(answer: Answer) -> str:
    """Of a page; nothing of a file."""
    return answer.text if answer.headers.get_content_type() == "text/html" else ""


def _inside(location: str) -> str:
    parts = urlsplit(location)
    return parts.path + (f"?{parts.query}" if parts.query else "")
