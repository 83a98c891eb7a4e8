"""A toy of the server the outbox talks to: the contract, in memory, with faults on request.

A fault is armed with `toy.on("PUT", "photos/", …actions)`; each matching request takes the next action, then all is well:
  503 (any status)   that answer, nothing stored       CUT     the line breaks before anything is stored
  LOST               stored, then the line breaks      PORTAL  a café's sign-in page, status 200, nothing stored
  LIE                the right answer to a picture, nothing stored
  an Event           stored at once, answered when set   a dict  that JSON answer with its "status", nothing stored
"""

import hashlib
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Lock, Thread
from typing import Any

STATIC = Path(__file__).parents[3] / "app/static"
PAGES = Path(__file__).parent / "pages"
TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; connect-src 'self'; "
    "worker-src 'self'; form-action 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'"
)
BASE = "/api/v1/c/fengshu"
CUT, LOST, PORTAL, LIE = "cut", "lost", "portal", "lie"
SOON = (
    "import { timing } from '/static/js/outbox/wire.js'; Object.assign(timing, {first: 100, most: 400, text: 3000, ping: 2000});"
)


@dataclass
class Visit:
    text: bytes
    photos: dict[str, str] = field(default_factory=dict)  # id -> digest received

    @property
    def body(self) -> dict[str, Any]:
        return json.loads(self.text)  # type: ignore[no-any-return]

    @property
    def complete(self) -> bool:
        return all(photo["id"] in self.photos for photo in self.body["photos"])


@dataclass
class Toy:
    user: str | None = "wang"
    csrf: str | None = "token-1"
    visits: dict[str, Visit] = field(default_factory=dict)
    seen: list[tuple[str, str, int]] = field(default_factory=list)  # method, path under the base, status
    originals: dict[str, str] = field(default_factory=dict)  # photo id -> digest
    plain: list[bytes] = field(default_factory=list)  # what the form posted without script
    reading: int = 0
    faults: list[tuple[str, re.Pattern[str], list[Any]]] = field(default_factory=list)
    lock: Lock = field(default_factory=Lock)
    address: str = ""
    now: str = ""  # what the server's clock says; empty: the truth

    def on(self, method: str, pattern: str, *actions: Any) -> None:
        self.faults.append((method, re.compile(pattern), list(actions)))

    def fault(self, method: str, path: str) -> Any:
        for wanted, pattern, actions in self.faults:
            if wanted == method and pattern.search(path) and actions:
                return actions.pop(0)
        return None

    def count(self, method: str, pattern: str) -> int:
        return sum(1 for verb, path, _ in self.seen if verb == method and re.search(pattern, path))

    @property
    def only(self) -> Visit:
        (visit,) = self.visits.values()
        return visit

    def put_visit(self, key: str, text: bytes) -> tuple[int, dict[str, Any]]:
        kept = self.visits.get(key)
        if kept:
            return (200, {"id": key}) if kept.text == text else (409, {"code": "OtherContent", "detail": "同号不同文"})
        self.visits[key] = Visit(text)
        return 201, {"id": key}

    def put_photo(self, visit: str, key: str, data: bytes, claimed: str) -> tuple[int, dict[str, Any]]:
        digest = hashlib.sha256(data).hexdigest()
        if visit not in self.visits or key not in {photo["id"] for photo in self.visits[visit].body["photos"]}:
            return 404, {"code": "NotFound"}
        if digest != claimed or not data:
            return 422, {"code": "DigestDiffers", "detail": "字节不对"}
        if data.startswith(b"not a picture"):
            return 422, {"code": "NotAPicture", "detail": "不是照片"}
        photos = self.visits[visit].photos
        if key in photos:
            return (
                (200, {"received_sha256": digest})
                if photos[key] == digest
                else (409, {"code": "OtherPhoto", "received_sha256": photos[key]})
            )
        photos[key] = digest
        return 201, {"received_sha256": digest}

    def put_original(self, key: str, data: bytes) -> tuple[int, dict[str, Any]]:
        """The camera's bytes: those whose digest came with the visit, or none."""
        digest = hashlib.sha256(data).hexdigest()
        announced = {p["id"]: p["announced_sha256"] for visit in self.visits.values() for p in visit.body["photos"]}
        if announced.get(key) != digest:
            return 409, {"code": "OriginalDiffers", "detail": "不是那张"}
        status = 200 if key in self.originals else 201
        self.originals[key] = digest
        return status, {"received_sha256": digest}

    def manifest(self, key: str) -> tuple[int, dict[str, Any]]:
        if key not in self.visits:
            return 404, {"code": "NotFound"}
        visit = self.visits[key]
        listed = [photo["id"] for photo in visit.body["photos"]]
        return 200, {
            "visit": True,
            "photos": [
                {"id": i, "state": "received" if i in visit.photos else "missing", "received_sha256": visit.photos.get(i)}
                for i in listed
            ],
        }

    def page(self, name: str) -> str:
        words = (PAGES / "words.html").read_text().replace("{user}", self.user or "")
        return (PAGES / name).read_text().replace("<!--words-->", words)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 20
    toy: Toy

    def log_message(self, *_: Any) -> None:
        pass

    def do_GET(self) -> None:
        toy, path = self.toy, self.path.split("?")[0]
        if path.startswith("/static/"):
            file = STATIC / path.removeprefix("/static/")
            self.reply(200, file.read_bytes(), TYPES[file.suffix]) if file.is_file() else self.reply(404, b"", "text/plain")
        elif path == "/sw.js":
            self.reply(200, (STATIC / "js/sw.js").read_bytes(), "text/javascript")
        elif path == "/soon.js":
            self.reply(200, SOON.encode(), "text/javascript")
        elif path in ("/visit", "/queue", "/other", "/me", "/offline", "/secret"):
            toy.reading += 1
            self.reply(
                200,
                toy.page("other.html" if path in ("/offline", "/secret") else path[1:] + ".html").encode(),
                "text/html; charset=utf-8",
            )
        elif path.startswith("/visits/") and path.endswith("/card"):
            self.reply(200, f'<li class="from-server">{path}</li>'.encode(), "text/html; charset=utf-8")
        elif path == "/ping":
            now = toy.now or datetime.now(UTC).isoformat()
            self.answer(200, {"gongzhi": True, "user": toy.user, "csrf": toy.csrf, "now": now})
        elif found := re.fullmatch(BASE + r"/visits/([^/]+)/manifest", path):
            self.answer(*toy.manifest(found[1]) if toy.user else (401, {"code": "SignedOut"}))
        else:
            self.reply(404, b"", "text/plain")

    def do_POST(self) -> None:
        self.write("POST")

    def do_PUT(self) -> None:
        self.write("PUT")

    def write(self, method: str) -> None:
        toy, path = self.toy, self.path
        data = self.rfile.read(int(self.headers["Content-Length"] or 0))
        fault = toy.fault(method, path)
        if fault == CUT:
            self.cut()
        elif fault == PORTAL:
            self.reply(200, b"<html>Please buy a coffee</html>", "text/html")
        elif fault == LIE:
            self.answer(201, {"received_sha256": self.headers["X-Content-SHA256"]})
        elif isinstance(fault, dict):
            self.answer(fault["status"], fault)
        elif fault == 413:
            self.reply(413, b"<html>nginx</html>", "text/html")  # never our own answer: a proxy on the way
        elif isinstance(fault, int):
            self.answer(fault, {"code": f"Fault{fault}", "detail": "故意"}, after="0.1" if fault in (429, 503) else "")
        elif path in ("/visit", "/signout"):
            toy.plain.append(data)
            toy.user = None if path == "/signout" else toy.user
            words = (
                toy.page("other.html").replace("data-user", "data-signed-out data-user")
                if path == "/signout"
                else "<title>done</title>"
            )
            self.reply(200, b"" + words.encode(), "text/html; charset=utf-8")
        else:
            with toy.lock:
                status, body = self.api(method, path, data)
            if isinstance(fault, Event):
                fault.wait(20)
            if fault == LOST:
                self.cut()
            else:
                self.answer(status, body)

    def api(self, method: str, path: str, data: bytes) -> tuple[int, dict[str, Any]]:
        toy = self.toy
        if not toy.user:
            return 401, {"code": "SignedOut"}
        if toy.csrf and self.headers["X-CSRF-Token"] != toy.csrf:
            return 403, {"code": "ForeignOrigin"}
        if method == "POST" and path == BASE + "/visits/nonce":
            return 200, {"nonce": "signed-not-before", "issued_at": datetime.now(UTC).isoformat()}
        if found := re.fullmatch(BASE + r"/visits/([^/]+)/photos/([^/]+)", path):
            return toy.put_photo(found[1], found[2], data, self.headers["X-Content-SHA256"])
        if found := re.fullmatch(BASE + r"/works/photos/([^/]+)/original", path):
            return toy.put_original(found[1], data)
        if found := re.fullmatch(BASE + r"/visits/([^/]+)", path):
            return toy.put_visit(found[1], data)
        return 404, {"code": "NotFound"}

    def cut(self) -> None:
        self.toy.seen.append((self.command, self.path, 0))
        self.close_connection = True

    def answer(self, status: int, body: dict[str, Any], after: str = "") -> None:
        kind = "application/json" if status < 300 else "application/problem+json"
        self.reply(status, json.dumps({"status": status, **body} if status >= 300 else body).encode(), kind, after)

    def reply(self, status: int, data: bytes, kind: str, after: str = "") -> None:
        self.toy.seen.append((self.command, self.path, status))
        try:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(data)))
            self.send_header("Content-Security-Policy", POLICY)
            lasting = "max-age=600" if self.path.startswith("/static/") else "private, no-cache"
            self.send_header("Cache-Control", "no-store" if self.path == "/secret" else lasting)
            if self.command != "GET":  # on a line used before, Chromium repeats a lost request by itself
                self.send_header("Connection", "close")
            if after:
                self.send_header("Retry-After", after)
            self.end_headers()
            self.wfile.write(data)
        except ConnectionError:
            pass  # the browser was killed, which is what we are here for


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A browser that was killed leaves half requests behind."""


@contextmanager
def running() -> Iterator[Toy]:
    toy = Toy()
    with Server(("127.0.0.1", 0), type("Bound", (Handler,), {"toy": toy})) as server:
        toy.address = f"http://127.0.0.1:{server.server_port}"
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        yield toy
        server.shutdown()
