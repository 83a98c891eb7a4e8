"""A real PostgreSQL for the tests: its own folder and port, thrown away afterwards.

It needs only PostgreSQL's programs (`apt-get install postgresql`), no running service, no account, no password.
PostgreSQL refuses to run as root, so root hands it to `postgres` or, where that user is missing, to `nobody`.
"""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

THROWAWAY = (
    *("-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-c", "max_connections=200"),
    *("-c", "fsync=off", "-c", "full_page_writes=off", "-c", "wal_level=minimal", "-c", "max_wal_senders=0"),
    *("-c", "autovacuum=off", "-c", "deadlock_timeout=200ms"),
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


@contextmanager
def postgres() -> Iterator[str]:
    """Start a server; gives the SQLAlchemy URL of its administrator, without a database name. Ready in about a second."""
    bin_, who = programs(), unprivileged()
    with tempfile.TemporaryDirectory(prefix="gongzhi-pg-", ignore_cleanup_errors=True) as folder:
        if who:
            os.chown(folder, who["user"], who["group"])  # type: ignore[arg-type]
        data, port = Path(folder) / "data", free_port()
        initdb = [bin_ / "initdb", "--no-sync", "-A", "trust", "-U", "gongzhi", "--locale=C.UTF-8", "-E", "UTF8", "-D", data]
        subprocess.run(initdb, cwd=folder, check=True, capture_output=True, **who)  # type: ignore[call-overload]
        with tempfile.TemporaryFile() as log:
            command = [bin_ / "postgres", "-D", data, "-p", str(port), *THROWAWAY]
            server = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log, **who)  # type: ignore[call-overload]
            try:
                _wait_for(server, port, log)
                yield f"postgresql+psycopg://gongzhi@127.0.0.1:{port}"
            finally:
                server.send_signal(3)  # SIGQUIT: stop at once; the folder goes with it
                server.wait(timeout=20)


def _wait_for(server: "subprocess.Popen[bytes]", port: int, log) -> None:  # type: ignore[no-untyped-def]
    deadline = time.monotonic() + 30
    while True:
        try:
            return psycopg.connect(f"host=127.0.0.1 port={port} user=gongzhi dbname=postgres").close()
        except psycopg.OperationalError as refused:
            if server.poll() is not None or time.monotonic() > deadline:
                log.seek(0)
                raise RuntimeError(f"PostgreSQL did not start:\n{log.read().decode()}") from refused
            time.sleep(0.02)
