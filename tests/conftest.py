"""The two engines, and no skipping.

Both databases are built by running the migrations, once; every test gets a copy of its own.

Copying a migrated database costs 1 ms on SQLite and 25 ms on PostgreSQL. Rolling back instead would hide what happens at
COMMIT, and emptying the tables would need the guards off.
"""

import gc
import os
import shutil
from collections.abc import Generator, Iterator
from pathlib import Path
from uuid import uuid4

import pytest
import structlog

from app.kit.db import Database, writing
from app.kit.migrations import upgrade
from app.main import calm_collector
from tests import compiled
from tests.cast import House, move_in, open_house
from tests.postgres import Cluster, postgres

MEMORY = Path("/dev/shm")
ROOM = MEMORY if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > 2 * 2**30 else None
"""Where files lie in memory: every commit waits for an fsync, a killed process loses none there, and the thousand files of a
new PostgreSQL database are copied in a sixth of the time.
"""


def pytest_configure() -> None:
    if ROOM:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(ROOM))
    # as the commands write them (kit.logs): the prettier tracebacks cost seconds each
    plain = structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
    structlog.configure(processors=[*structlog.get_config()["processors"][:-1], plain])


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Gathering four thousand tests makes nothing but what stays: to look through it for garbage is a quarter of the work."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()


LONGEST = ("test_every_operation.py", "test_every_page.py", "test_dockerfile.py", "test_the_books_as_a_machine.py")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A file of a minute that begins last keeps one worker busy while the others have nothing left.

    A browser test may fail once for the machine's sake, never twice; the summary names what was asked again (RERUN), and each
    such line is to be looked into: two of them were races of ours.
    """
    items.sort(key=lambda item: item.path.name not in LONGEST)
    for item in items:
        if item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.flaky(reruns=1))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A test that could not run has failed. Only what needs things nobody is obliged to have may say "not run: …"."""
    report = yield
    if report.skipped and not hasattr(report, "wasxfail") and "not run: " not in str(report.longrepr):
        report.outcome, report.longrepr = "failed", f"skipped, and so not tested: {report.longrepr}"
    return report


@pytest.fixture(scope="session", autouse=True)
def compiled_once() -> Iterator[None]:
    with compiled.shared():
        yield


@pytest.fixture(scope="session", autouse=True)
def calm() -> None:
    """As the server does: what was imported is never looked at again for garbage."""
    calm_collector()


@pytest.fixture(scope="session")
def postgres_cluster() -> Iterator[Cluster]:
    """Absent programs are an error, never a skip."""
    with postgres(within=ROOM) as cluster:
        yield cluster


@pytest.fixture(scope="session")
def postgres_server(postgres_cluster: Cluster) -> str:
    """The URL of a running server, without a database name."""
    return postgres_cluster.url


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("sqlite") / "template.db"
    upgrade(f"sqlite:///{file}")
    return file


@pytest.fixture(scope="session")
def postgresql_template(postgres_cluster: Cluster) -> str:
    postgres_cluster.administer("CREATE DATABASE template")
    upgrade(f"{postgres_cluster.url}/template")
    return "template"


@pytest.fixture(scope="session")
def sqlite_house_template(sqlite_template: Path) -> Path:
    """The same with the cast in it: making them anew for each test was two thirds of the suite's time."""
    file = Path(shutil.copy(sqlite_template, sqlite_template.with_name("house.db")))
    inhabit(f"sqlite:///{file}")
    return file


@pytest.fixture(scope="session")
def postgresql_house_template(postgres_cluster: Cluster, postgresql_template: str) -> str:
    postgres_cluster.administer(f"CREATE DATABASE house TEMPLATE {postgresql_template}")
    inhabit(f"{postgres_cluster.url}/house")
    return "house"


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    return f"sqlite:///{shutil.copy(sqlite_template, tmp_path / 'gongzhi.db')}"


@pytest.fixture
def postgresql_url(postgres_cluster: Cluster, postgresql_template: str) -> Iterator[str]:
    yield from new_database(postgres_cluster, f"TEMPLATE {postgresql_template}")


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest) -> str:
    """A test that asks for anything built on this runs twice."""
    return str(request.param)


@pytest.fixture
def database_url(request: pytest.FixtureRequest, engine: str) -> str:
    """A migrated, empty database, once on each engine."""
    return str(request.getfixturevalue(f"{engine}_url"))


@pytest.fixture
def bare_url(request: pytest.FixtureRequest, engine: str, tmp_path: Path) -> Iterator[str]:
    """A database before its first migration, once on each engine."""
    if engine == "sqlite":
        yield f"sqlite:///{tmp_path}/bare.db"
    else:
        yield from new_database(request.getfixturevalue("postgres_cluster"))


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """`app.kit.db.Database`, once on each engine."""
    yield from opened(database_url)


@pytest.fixture
def database_sqlite(sqlite_url: str) -> Iterator[Database]:
    """For what no engine can change: SQLite only, because it is 30 ms faster."""
    yield from opened(sqlite_url)


@pytest.fixture
def sqlite_house_url(sqlite_house_template: Path, tmp_path: Path) -> str:
    return f"sqlite:///{shutil.copy(sqlite_house_template, tmp_path / 'gongzhi.db')}"


@pytest.fixture
def postgresql_house_url(postgres_cluster: Cluster, postgresql_house_template: str) -> Iterator[str]:
    yield from new_database(postgres_cluster, f"TEMPLATE {postgresql_house_template}")


@pytest.fixture
def house_url(request: pytest.FixtureRequest, engine: str) -> str:
    """A database with the cast in it, once on each engine."""
    return str(request.getfixturevalue(f"{engine}_house_url"))


@pytest.fixture
def house(house_url: str, tmp_path: Path) -> Iterator[House]:
    """The whole application with its cast (tests/cast.py), once on each engine."""
    with open_house(house_url, tmp_path) as house:
        yield house


@pytest.fixture
def house_sqlite(sqlite_house_url: str, tmp_path: Path) -> Iterator[House]:
    """For what no engine can change."""
    with open_house(sqlite_house_url, tmp_path) as house:
        yield house


def inhabit(url: str) -> None:
    database = Database(url)
    with writing(database) as session:
        move_in(session)
    database.dispose()


def opened(url: str) -> Iterator[Database]:
    database = Database(url)
    yield database
    database.dispose()


def new_database(cluster: Cluster, how: str = "") -> Iterator[str]:
    name = f"test_{uuid4().hex}"
    cluster.administer(f"CREATE DATABASE {name} {how}")
    yield f"{cluster.url}/{name}"
    cluster.administer(f"DROP DATABASE {name} WITH (FORCE)")
