"""The gate: which host, which language, who it is, and whether they may. Denies by default."""

import hmac
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from http.cookies import SimpleCookie

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mindgap.api.body import form_fields, read_body, replay
from mindgap.api.language import LANGUAGE_COOKIE, language_of
from mindgap.api.problems import Refusal
from mindgap.api.serving import Serving
from mindgap.api.sign_in import SignIn, csrf_token
from mindgap.kernel.words import LANGUAGES
from mindgap.store import accounts as rights

OPEN_PATHS = frozenset({"/sign-in"})
OPEN_FOLDERS = ("/static/",)
API_FOLDER = "/api/"
SIGN_IN_PATH = "/sign-in"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
CSRF_FIELD = "csrf_token"
CSRF_HEADER = "x-csrf-token"
_FORM = "application/x-www-form-urlencoded"
_YEAR_SECONDS = 365 * 24 * 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """Who is asking.

    Attributes:
        language: In which language to answer.
        token: The token in the visitor's cookie: of a session, or of the sign-in form before there is one.
        signed_in: The running session, if any.
        scopes: What the visitor may do.
        by_key: Whether an API key was shown, so that no cookie is involved.
        fresh: Whether the token was made for this very request and must be set as a cookie.
    """

    language: str
    token: str
    signed_in: rights.SignedIn | None = None
    scopes: frozenset[rights.Scope] = frozenset()
    by_key: bool = False
    fresh: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """Lets requests through, or refuses them.

    What is inside finds in `request.state`: `language`, `csrf_token`, `signed_in` (bool), `scopes`, `token`.

    Attributes:
        app: What is inside.
        sign_in: Judges sessions and keys.
        serving: Where the server listens.
        secret: Of CSRF tokens.
        clock: Tells the time, naive UTC.
        scope_of: The scope that an API path and method need.
        default_language: The workspace's language.
    """

    app: ASGIApp = field(kw_only=False)
    sign_in: SignIn
    serving: Serving
    secret: bytes
    clock: Callable[[], datetime]
    scope_of: Callable[[str, str], rights.Scope]
    default_language: Callable[[], str]
    host_names: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        """Work out the host names once."""
        object.__setattr__(self, "host_names", self.serving.host_names)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request = Request(scope, receive)
        state = scope.setdefault("state", {})
        state["language"] = self._language(request)
        self._check_host(request)
        if (chosen := _chosen_language(request)) is not None:
            await chosen(scope, receive, send)
            return
        visitor = await run_in_threadpool(self._visitor, request, str(state["language"]))
        self._check_right(request, visitor)
        if request.method not in SAFE_METHODS:
            body = await read_body(receive)
            self._check_origin(request, visitor, body)
            receive = replay(body, receive)
        state.update(self._state(visitor))
        first_visit = visitor.fresh and request.url.path == SIGN_IN_PATH
        await self.app(scope, receive, self._with_cookie(send, visitor) if first_visit else send)

    def cookie(self, token: str) -> str:
        """The Set-Cookie value that carries a token, out of the reach of scripts."""
        return cookie_header(self.cookie_name, token, secure=self.serving.secure)

    @property
    def cookie_name(self) -> str:
        """The cookie's name; it holds the port, since browsers share cookies between ports of a host."""
        return cookie_name(self.serving)

    def _language(self, request: Request) -> str:
        return language_of(
            request.cookies, request.headers.get("accept-language", ""), self.default_language()
        )

    def _check_host(self, request: Request) -> None:
        name = re.sub(r":\d+$", "", request.headers.get("host", "")).strip("[]").lower()
        if name not in self.host_names:
            raise Refusal(421, "wrong-host")
        proxy = self.serving.trusted_proxy
        if proxy is not None and (request.client is None or request.client.host != proxy):
            raise Refusal(403, "past-proxy")

    def _visitor(self, request: Request, language: str) -> Visitor:
        header = request.headers.get("authorization", "")
        if header and request.url.path.startswith(API_FOLDER):
            key = self.sign_in.key(header.removeprefix("Bearer ").strip())
            if key is None:
                raise Refusal(401, "bad-key", headers={"WWW-Authenticate": "Bearer"})
            return Visitor(language=language, token="", scopes=key.scopes, by_key=True)
        token = request.cookies.get(self.cookie_name, "")
        found = self.sign_in.session(token, at=self.clock()) if token else None
        if found is not None:
            return Visitor(language=language, token=token, signed_in=found, scopes=frozenset(rights.Scope))
        return Visitor(language=language, token=token or secrets.token_urlsafe(32), fresh=not token)

    def _check_right(self, request: Request, visitor: Visitor) -> None:
        path = request.url.path
        if is_open(path):
            return
        if path.startswith(API_FOLDER):
            if not visitor.scopes:
                raise Refusal(401, "sign-in", headers={"WWW-Authenticate": "Bearer"})
            needed = self.scope_of(request.method, path)
            if needed not in visitor.scopes:
                raise Refusal(403, "scope", {"scope": needed.value})
        elif visitor.signed_in is None:
            raise Refusal(401, "sign-in")

    def _check_origin(self, request: Request, visitor: Visitor, body: bytes) -> None:
        if visitor.by_key:
            return
        if not self._same_origin(request.headers):
            raise Refusal(403, "foreign-origin")
        shown = request.headers.get(CSRF_HEADER) or _form_token(request, body)
        expected = csrf_token(self.secret, visitor.token)
        if visitor.fresh or not hmac.compare_digest(shown.encode(), expected.encode()):
            raise Refusal(403, "csrf")

    def _same_origin(self, headers: Mapping[str, str]) -> bool:
        """Whether the request comes from our own pages.

        Where Sec-Fetch-Site is present it decides: our Referrer-Policy makes browsers send `Origin: null`
        with forms, which alone would tell nothing.
        """
        site = headers.get("sec-fetch-site")
        if site is not None:
            return site == "same-origin"
        scheme = "https" if self.serving.secure else "http"
        return headers.get("origin") == f"{scheme}://{headers.get('host', '')}"

    def _state(self, visitor: Visitor) -> dict[str, object]:
        return {
            "csrf_token": csrf_token(self.secret, visitor.token) if visitor.token else "",
            "signed_in": visitor.signed_in is not None,
            "scopes": visitor.scopes,
            "token": visitor.token,
        }

    def _with_cookie(self, send: Send, visitor: Visitor) -> Send:
        async def send_with_cookie(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                if "set-cookie" not in headers:
                    headers.append("set-cookie", self.cookie(visitor.token))
            await send(message)

        return send_with_cookie


def is_open(path: str) -> bool:
    """Whether a path needs neither session nor key.

    >>> is_open("/sign-in"), is_open("/static/../"), is_open("/")
    (True, False, False)
    """
    return path in OPEN_PATHS or (path.startswith(OPEN_FOLDERS) and ".." not in path)


def cookie_name(serving: Serving) -> str:
    """The name of the session cookie; `__Host-` binds it to this very host where there is TLS."""
    return "__Host-mindgap" if serving.secure else f"mindgap_{serving.port}"


def cookie_header(name: str, value: str, *, secure: bool, seconds: int | None = None) -> str:
    """A Set-Cookie value: for this site only, out of the reach of scripts."""
    cookie: SimpleCookie = SimpleCookie()
    cookie[name] = value
    morsel = cookie[name]
    morsel["path"] = "/"
    morsel["httponly"] = True
    morsel["samesite"] = "Strict"
    if secure:
        morsel["secure"] = True
    if seconds is not None:
        morsel["max-age"] = seconds
    return morsel.OutputString()


def _form_token(request: Request, body: bytes) -> str:
    if not request.headers.get("content-type", "").startswith(_FORM):
        return ""
    return form_fields(body).get(CSRF_FIELD, "")


def _chosen_language(request: Request) -> RedirectResponse | None:
    """Keep a language chosen by ?lang= in a cookie, and go on to the page without it."""
    chosen = request.query_params.get("lang")
    if chosen not in LANGUAGES or request.method != "GET" or request.url.path.startswith(API_FOLDER):
        return None
    path = "/" + request.url.path.lstrip("/\\")
    response = RedirectResponse(path, status_code=303)
    response.headers["set-cookie"] = cookie_header(
        LANGUAGE_COOKIE, str(chosen), secure=False, seconds=_YEAR_SECONDS
    )
    return response
