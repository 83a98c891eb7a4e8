"""A real PostgreSQL for the tests: its own folder and port, thrown away afterwards.

It needs only PostgreSQL's programs (`apt-get install postgresql`), no running service, no account, no password.
PostgreSQL refuses to run as root, so root hands it to `postgres` or, where that user is missing, to `nobody`.
"""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import psycopg

THROWAWAY = (
    *("-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-c", "max_connections=200"),
    *("-c", "fsync=off", "-c", "full_page_writes=off", "-c", "wal_level=minimal", "-c", "max_wal_senders=0"),
    *("-c", "autovacuum=off", "-c", "deadlock_timeout=200ms"),
    *("-c", "jit=off"),  # without statistics it takes small statements for large ones, and compiles them
)


def programs() -> Path:
    """The folder of initdb and postgres: $PG_BIN, the PATH, then Debian's own place, newest first."""
    on_path = shutil.which("initdb")
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda bin_: float(bin_.parent.name), reverse=True)
    for folder in (os.environ.get("PG_BIN"), on_path and Path(on_path).resolve().parent, *debian):
        if folder and (Path(folder) / "initdb").exists():
            return Path(folder)
    raise FileNotFoundError("PostgreSQL is not on this machine. Type: sudo apt-get install postgresql")


def unprivileged() -> dict[str, str | int | list[int]]:
    """Whom root runs PostgreSQL as, in the words of `subprocess.Popen`; anyone else runs it as themselves."""
    if os.geteuid() != 0:
        return {}
    names = {entry.pw_name: entry for entry in pwd.getpwall()}
    user = names.get("postgres") or names["nobody"]
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


class Cluster:
    """A running server. `url`: SQLAlchemy's, of its administrator, without a database name."""

    def __init__(self, data: Path, log: IO[bytes]) -> None:
        self.data, self.port, self.log = data, free_port(), log
        self.url = f"postgresql+psycopg://gongzhi@127.0.0.1:{self.port}"

    def start(self) -> None:
        command = [programs() / "postgres", "-D", self.data, "-p", str(self.port), *THROWAWAY]
        streams = {"stdout": self.log, "stderr": self.log}
        self.server = subprocess.Popen(command, cwd=self.data.parent, **streams, **unprivileged())  # type: ignore[call-overload]
        self.administrator = _connected(self.server, self.port, self.log)

    def administer(self, statement: str) -> None:
        """Of databases: no transaction may be around it."""
        if statement.startswith("CREATE") and self.administrator.info.server_version >= 150000:
            statement += " STRATEGY file_copy"  # twice as fast as writing the copy to the log, while fsync is off
        self.administrator.execute(statement)  # type: ignore[call-overload]

    def stop(self, how: signal.Signals) -> None:
        """SIGINT: at once, but in order, as an operator does it. SIGQUIT: as if it had crashed."""
        self.administrator.close()
        self.server.send_signal(how)
        self.server.wait(timeout=20)


@contextmanager
def postgres(within: Path | None = None) -> Iterator[Cluster]:
    """Start a server, ready in about a second; it and its folder, made `within` another, are gone at the end."""
    bin_, who = programs(), unprivileged()
    with tempfile.TemporaryDirectory(prefix="gongzhi-pg-", dir=within, ignore_cleanup_errors=True) as folder:
        if who:
            os.chown(folder, who["user"], who["group"])  # type: ignore[arg-type]
        data = Path(folder) / "data"
        initdb = [bin_ / "initdb", "--no-sync", "-A", "trust", "-U", "gongzhi", "--locale=C.UTF-8", "-E", "UTF8", "-D", data]
        subprocess.run(initdb, cwd=folder, check=True, capture_output=True, **who)  # type: ignore[call-overload]
        with tempfile.TemporaryFile() as log:
            cluster = Cluster(data, log)
            try:
                cluster.start()
                yield cluster
            finally:
                cluster.stop(signal.SIGQUIT)


def _connected(server: "subprocess.Popen[bytes]", port: int, log: IO[bytes]) -> psycopg.Connection:
    """Once it answers; for what is administered."""
    deadline = time.monotonic() + 30
    while True:
        try:
            return psycopg.connect(f"host=127.0.0.1 port={port} user=gongzhi dbname=postgres", autocommit=True)
        except psycopg.OperationalError as refused:
            if server.poll() is not None or time.monotonic() > deadline:
                log.seek(0)
                raise RuntimeError(f"PostgreSQL did not start:\n{log.read().decode()}") from refused
            time.sleep(0.02)
