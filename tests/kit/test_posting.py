"""What is sent to an address of the operator's: it ends, whatever the other side does."""

from collections.abc import Iterator
from socketserver import StreamRequestHandler, TCPServer
from threading import Event, Thread

import pytest

from app.kit.posting import post_json


@pytest.fixture
def dripping() -> Iterator[str]:
    """A server that sends a byte now and then, for ever: no single step takes too long."""
    over = Event()

    class Handler(StreamRequestHandler):
        def handle(self) -> None:
            self.wfile.write(b"HTTP/1.1 200 OK\r\ncontent-length: 9999\r\n\r\n")
            try:
                while not over.wait(0.01):
                    self.wfile.write(b".")
            except OSError:
                pass

    with TCPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}/"
        over.set()
        server.shutdown()
        thread.join()


def test_who_answers_in_drops_is_cut_off(dripping: str) -> None:
    with pytest.raises(TimeoutError):
        post_json(dripping, {}, {}, longest=0.2)
