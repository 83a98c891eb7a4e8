"""An integrator's first hour: a client generated from our OpenAPI file signs up, logs a visit and reads a statement."""

import importlib
import secrets
import socket
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx
import pytest
from PIL import Image
from sqlmodel import select

from app.access.service import keep_key
from app.compounds.models import Compound, Person, Seat, SeatKind
from app.demo.sandbox import SANDBOX_KEY
from app.kit.db import writing
from app.kit.ids import new_id
from app.kit.records import pointing
from app.main import create_app
from app.settings import Settings
from tools import screenshots

PACKAGE = "gongzhi_client"


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """The running demo with its sandbox compound, on a port of its own."""
    with pytest.MonkeyPatch.context() as patch, socket.create_server(("127.0.0.1", 0)) as free:
        patch.setattr(screenshots, "PORT", free.getsockname()[1])
        free.close()
        with screenshots.served(tmp_path_factory.mktemp("sandbox"), only="sandbox") as settings:
            yield settings


@pytest.fixture(scope="module")
def library(sandbox: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator["Library"]:
    """Generated with the generator's own settings, from the file that the server hands out; nothing but our file goes in."""
    folder = tmp_path_factory.mktemp("library")
    (folder / "openapi.json").write_bytes(
        httpx.get(f"{sandbox.public_url}/api/v1/openapi.json", timeout=60).raise_for_status().content
    )
    (folder / "settings.yml").write_text("post_hooks: []\n")
    generator = [str(Path(sys.executable).parent / "openapi-python-client"), "generate", "--path", "openapi.json"]
    to = ["--config", "settings.yml", "--meta", "none", "--output-path", PACKAGE]
    run = subprocess.run([*generator, *to], cwd=folder, capture_output=True, text=True, timeout=60)
    assert run.returncode == 0, run.stdout + run.stderr
    assert "will not be generated" not in run.stdout, run.stdout
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(folder)
        library = Library(sandbox)
        yield library
        for client in library.clients:
            client.get_httpx_client().close()
    for name in [name for name in sys.modules if name.partition(".")[0] == PACKAGE]:
        del sys.modules[name]


class Library:
    """The generated package."""

    def __init__(self, sandbox: Settings) -> None:
        self.sandbox = sandbox
        self.clients: list[Any] = []

    def part(self, path: str) -> ModuleType:
        return importlib.import_module(f"{PACKAGE}.{path}")

    def client(self, key: str) -> Any:
        made = self.part("client").AuthenticatedClient(
            base_url=self.sandbox.public_url, token=key, raise_on_unexpected_status=True, timeout=httpx.Timeout(20)
        )
        self.clients.append(made)
        return made

    def call(self, operation: str, *path: Any, client: Any, expect: int = 200, **rest: Any) -> Any:
        """The parsed answer of `tag.operation_id`."""
        answer = self.part(f"api.{operation}").sync_detailed(*path, client=client, **rest)
        assert answer.status_code == expect, answer.content
        return answer.parsed

    def model(self, name: str) -> Any:
        return getattr(self.part("models"), name)


@pytest.fixture(scope="module")
def operations(sandbox: Settings) -> set[str]:
    """Every operation that the file describes, as `tag/operation_id`."""
    paths = httpx.get(f"{sandbox.public_url}/api/v1/openapi.json", timeout=60).json()["paths"]
    described = [operation for methods in paths.values() for operation in methods.values()]
    return {f"{operation['tags'][0]}/{operation['operationId']}" for operation in described}


def supervisors_key(sandbox: Settings) -> str:
    token = f"gz_test_{secrets.token_hex(16)}"
    with writing(create_app(sandbox).state.db) as session:
        compound = session.exec(select(Compound).where(Compound.slug == "sandbox")).one()
        supervisor = session.exec(
            select(Person)
            .join(Seat, pointing(Seat, "person_id", Person))
            .where(Seat.compound_id == compound.id, Seat.kind == SeatKind.SUPERVISOR)
        ).first()
        assert supervisor is not None
        keep_key(session, compound.id, supervisor.id, "walk", frozenset({"renovation:read", "renovation:write"}), 1, token)
    return token


def test_every_operation_has_its_function(library: Library, operations: set[str]) -> None:
    folder = Path(library.part("client").__file__ or "").parent / "api"
    assert {f"{file.parent.name}/{file.stem}" for file in folder.glob("*/*.py")} >= operations


def test_it_signs_up_once_however_often_it_asks(library: Library) -> None:
    client, id = library.client(SANDBOX_KEY), new_id()
    shifts = library.call("volunteering.list_shifts", "sandbox", client=client).items
    assert shifts[0].title == "楼道清扫"
    wish = library.model("SignupWish")()
    where = ("sandbox", shifts[0].id, id)
    first = library.call("volunteering.put_signup", *where, client=client, body=wish, expect=201)
    again = library.call("volunteering.put_signup", *where, client=client, body=wish)
    assert first.id == again.id == id
    assert first.state == again.state == "confirmed"
    shift = library.call("volunteering.get_shift", "sandbox", shifts[0].id, client=client)
    assert shift.free == shifts[0].free - 1


def test_it_logs_a_visit_and_sends_its_photo(library: Library, sandbox: Settings) -> None:
    client = library.client(supervisors_key(sandbox))
    project = library.call("renovation.list_projects", "sandbox", client=client).items[0]
    nonce = library.call("renovation.make_visit_nonce", "sandbox", client=client).nonce
    id, photo_id = new_id(), new_id()
    wish = library.model("VisitWish")(
        project_id=project.id,
        place="1单元门前",
        progress="井圈降好了。",
        nonce=nonce,
        device_at=datetime.now(UTC),
        photos=[library.model("AnnouncedPhoto")(id=photo_id)],
    )
    visit = library.call("renovation.put_visit", "sandbox", id, client=client, body=wish, expect=201)
    assert visit.not_before_at is not None
    jpeg = BytesIO()
    Image.new("RGB", (640, 480), (90, 120, 60)).save(jpeg, "JPEG")
    jpeg.seek(0)
    photo = library.part("types").File(payload=jpeg)
    receipt = library.call("renovation.put_visit_photo", "sandbox", id, photo_id, client=client, body=photo, expect=201)
    assert receipt.complete
    manifest = library.call("renovation.get_visit_manifest", "sandbox", id, client=client)
    assert [(one.id, one.state) for one in manifest.photos] == [(photo_id, "received")]


def test_a_residents_key_may_not_log_a_visit(library: Library) -> None:
    client = library.client(SANDBOX_KEY)
    problem = library.call("renovation.make_visit_nonce", "sandbox", client=client, expect=403)
    assert problem.status == 403
    assert problem.code


def test_it_reads_a_statement_that_adds_up(library: Library) -> None:
    client = library.client(SANDBOX_KEY)
    latest = library.call("treasury.list_statements", "sandbox", client=client).items[0]
    statement = library.call("treasury.get_statement", "sandbox", latest.id, client=client)
    sums = (statement.opening, statement.income, statement.expense, statement.closing)
    opening, income, expense, closing = (Decimal(money.amount) for money in sums)
    assert income > 0
    assert opening + income - expense == closing
