"""A little mail server and a little robot of this machine, for tests: what they were given, and what they answer next."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, HTTPServer
from socketserver import BaseServer, StreamRequestHandler, TCPServer
from threading import Thread
from typing import Any


@dataclass
class PostOffice:
    """SMTP (RFC 5321) with AUTH PLAIN and without TLS. `answers`: to the next RCPTs, "250 well" when nothing is said."""

    port: int = 0
    letters: list[tuple[str, EmailMessage]] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)
    goodbye: str = "221 bye"

    @property
    def url(self) -> str:
        return f"smtp://gongzhi@127.0.0.1:{self.port}"

    def listen(self, line: StreamRequestHandler) -> None:
        def say(text: str) -> None:
            line.wfile.write(f"{text}\r\n".encode())

        to = ""
        say("220 here")
        while heard := line.rfile.readline().decode().strip():
            self.said.append(heard)
            word = heard.partition(" ")[0].upper()
            if word == "EHLO":
                say("250-here\r\n250 AUTH PLAIN")
            elif word == "AUTH":
                say("235 well")
            elif word == "RCPT":
                to = heard.partition("<")[2].partition(">")[0]
                say(self.answers.pop(0) if self.answers else "250 well")
            elif word == "DATA":
                say("354 go on")
                body = b"".join(iter(line.rfile.readline, b".\r\n"))
                letter = message_from_bytes(body, policy=policy.default)
                assert isinstance(letter, EmailMessage)
                self.letters.append((to, letter))
                say("250 taken")
            elif word == "QUIT":
                say(self.goodbye)
                return
            else:
                say("250 well")


@contextmanager
def post_office() -> Iterator[PostOffice]:
    office = PostOffice()

    class Handler(StreamRequestHandler):
        def handle(self) -> None:
            office.listen(self)

    with TCPServer(("127.0.0.1", 0), Handler) as server, _answering(server):
        office.port = server.server_address[1]
        yield office


@dataclass
class GroupChat:
    """What WeCom's server does: 200 in any case, and an errcode. `answers`: (status, body) of the next ones."""

    port: int = 0
    got: list[tuple[str, Any]] = field(default_factory=list)
    answers: list[tuple[int, str]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/cgi-bin/webhook/send?key=a-secret-key"


@contextmanager
def group_chat() -> Iterator[GroupChat]:
    chat = GroupChat()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            chat.got.append((self.path, json.loads(self.rfile.read(int(self.headers["content-length"])))))
            status, body = chat.answers.pop(0) if chat.answers else (200, '{"errcode": 0, "errmsg": "ok"}')
            self.send_response(status)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server, _answering(server):
        chat.port = server.server_port
        yield chat


@contextmanager
def _answering(server: BaseServer) -> Iterator[None]:
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield
    server.shutdown()
    thread.join()
