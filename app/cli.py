"""The commands: serve, worker, demo, migrate, … Each opens the same verbs as the pages.

Exit codes: 0 it is well; 1 something was found wrong (a log, a backup); 2 it could not be done. What is wrong stands in one
line on the error output. What a command needs is imported when it runs, so that --help answers at once.
"""

import gc
import json
import sqlite3
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import urlsplit

import typer
from pydantic import ValidationError
from sqlalchemy.exc import SQLAlchemyError
from typer.core import TyperGroup

from app.backups.outcomes import Cannot, FoundWrong
from app.kit.migrations import head, upgrade
from app.kit.refusals import Refusal
from app.settings import Settings, UnsafeSetting

if TYPE_CHECKING:
    from app.backups.manifest import Manifest

FOUND_WRONG = 1
CANNOT = 2


class InOneLine(TyperGroup):
    """What is expected to go wrong is told in one line; only a mistake of ours shows its traceback."""

    def invoke(self, ctx: Any) -> Any:
        code = CANNOT
        try:
            return super().invoke(ctx)
        except FoundWrong as wrong:
            words, code = str(wrong), FOUND_WRONG
        except (Cannot, UnsafeSetting, OSError, sqlite3.Error) as no:
            words = str(no)
        except Refusal as no:
            words = no.message + no.next_step
        except ValidationError as bad:
            if bad.title != Settings.__name__:
                raise
            words = "; ".join(f"{str(e['loc'][0]).upper()}: {e['msg']}" for e in bad.errors())
        except SQLAlchemyError as error:
            words = str(getattr(error, "orig", None) or error).strip().partition("\n")[0]
        typer.echo(words, err=True)
        raise typer.Exit(code)


cli = typer.Typer(
    cls=InOneLine,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Gongzhi 共治: a compound governs itself. Settings are environment variables; the README lists them.",
)

Slug = Annotated[str, typer.Option("--compound", metavar="SLUG", help="The compound, by its name in addresses.")]


def main() -> None:
    gc.set_threshold(50_000)  # nothing that is imported is garbage: to look for it is a tenth of the start
    cli(prog_name="gongzhi")


@cli.command()
def migrate() -> None:
    """Bring the database to this version's tables; safe to repeat."""
    upgrade(Settings().database)
    typer.echo("The database is up to date.")


@cli.command()
def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port; default from PUBLIC_URL on loopback, else 8000.")] = 0,
    workers: Annotated[int, typer.Option(min=1, max=64, help="Processes that answer, each on a core of its own.")] = 1,
) -> None:
    """Serve the pages and the API."""
    run_server(Settings(), host, port, workers)


def run_server(settings: Settings, host: str, port: int, workers: int = 1) -> None:
    from app.commands.serving import serve

    default = (urlsplit(settings.public_url).port or 8000) if settings.loopback else 8000
    raise typer.Exit(serve(settings, host, port or default, workers))


@cli.command()
def worker() -> None:
    """Do due jobs, apart from the server (WORKER_IN_SERVER=false there), until told to end."""
    from app.commands.serving import do_jobs

    do_jobs(Settings())


@cli.command()
def demo(
    port: Annotated[int, typer.Option(help="Port on this machine; default from PUBLIC_URL, else 8000.")] = 0,
    serve_it: Annotated[bool, typer.Option("--serve/--load-only", help="Serve after loading.")] = True,
) -> None:
    """Two invented neighbourhoods on this machine, kept between starts; one tap to be anyone in them."""
    from app.demo.loading import load_demo
    from app.main import calm_collector, open_database

    port = port or urlsplit(Settings().public_url).port or 8000
    settings = Settings(demo=True, public_url=f"http://127.0.0.1:{port}")
    upgrade(settings.database)
    db = open_database(settings)
    calm_collector()  # what is loaded is kept: to look through it again and again is a tenth of the time
    load_demo(settings, db, told=lambda name: typer.echo(f"… {name}"))
    db.dispose()
    if serve_it:
        typer.echo(settings.public_url)
        run_server(settings, "127.0.0.1", port)


@cli.command()
def create_compound(
    slug: Annotated[str, typer.Option(help="Its name in addresses: a-z, 0-9 and -.")],
    name: Annotated[str, typer.Option(help="Its name for people: 枫树小区.")],
    community: Annotated[str, typer.Option(help="The community office it belongs to; made where it is new.")],
    city: Annotated[str, typer.Option(help="The city: 长沙.")],
    phone: Annotated[str, typer.Option(help="Whom residents ring when they are stuck.")],
    opening: Annotated[str, typer.Option(metavar="YUAN", help="What the bank account holds today.")] = "0",
) -> None:
    """A new compound with its empty public log and its books."""
    from app.commands.founding import found_compound

    found_compound(Settings(), slug, name, community, city, phone, opening)


@cli.command()
def import_roster(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="The committee's own .xlsx or .csv.")],
    compound: Slug,
    yes: Annotated[bool, typer.Option("--yes", help="Write without asking.")] = False,
) -> None:
    """Read a roster, show what it would change and every doubt about it, and write it once you say yes."""
    from app.commands.founding import bring_roster

    bring_roster(Settings(), file, compound, ask=not yes)


@cli.command()
def invite(
    compound: Slug,
    unit: Annotated[str, typer.Option(metavar="LABEL", help="The unit, as the roster calls it: 3-2-602.")],
    director: Annotated[str, typer.Option(metavar="NAME", help="First seat this person of the unit as director.")] = "",
) -> None:
    """Print an invite code for a unit. With --director: for the first person of all, who then invites the others."""
    from app.commands.founding import invite as invited

    settings = Settings()
    code = invited(settings, compound, unit, director)
    typer.echo(" ".join(code[i : i + 4] for i in range(0, len(code), 4)))
    typer.echo(f"{settings.public_url.rstrip('/')}/invite#{code}")
    typer.echo(f"For {director or 'whom the roster names'} in {unit}. It works once; older codes of the unit work no more.")


@cli.command()
def verify(compound: Annotated[str, typer.Option(metavar="SLUG", help="Only this one; default all.")] = "") -> None:
    """Re-compute every public log and add up every book; names the first entry that is wrong."""
    from app.commands.checking import verify as verify_all

    verify_all(Settings(), compound)


@cli.command()
def jobs() -> None:
    """What is done beside the requests: how much is due, what failed and when it is tried again, what was given up."""
    from app.commands.checking import jobs as tell_jobs

    tell_jobs(Settings())


@cli.command()
def backup(file: Annotated[Path, typer.Argument(help="The file to write, FILE.tar; its folder must have room.")]) -> None:
    """Everything into one file, while people go on working: the database, the photos, and what must be true of them."""
    from app.backups.backup import back_up
    from app.commands.opening import opened

    settings = Settings()
    with opened(settings):
        manifest = back_up(settings, file)
    _tell(manifest)
    typer.echo(f"{file}: {file.stat().st_size:,} bytes.")
    if manifest.missing:
        raise FoundWrong(f"{len(manifest.missing)} photo files are gone or changed, the first is {manifest.missing[0]}.")


@cli.command()
def restore(file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="What backup wrote.")]) -> None:
    """A backup into an empty DATA_DIR; rows, logs, books and every photo are checked before anything takes its place."""
    from app.backups.restore import restore as bring_back

    manifest = bring_back(Settings(), file)
    _tell(manifest)
    typer.echo("All of it is here and sound.")
    if manifest.missing:
        typer.echo(f"{len(manifest.missing)} photo files were missing already when it was made.")
    if manifest.facts.revision != head():
        typer.echo("Its tables are older than this program. Type: python -m app migrate")


def _tell(manifest: "Manifest") -> None:
    rows = sum(manifest.facts.rows.values())
    typer.echo(f"As of {manifest.made_at:%Y-%m-%d %H:%M:%S} UTC: {rows} rows, {manifest.photos} photo files.")
    for one in manifest.facts.compounds.values():
        typer.echo(f"{one.slug}: {one.log_size} entries, root {one.log_root}")


@cli.command()
def openapi() -> None:
    """Print the API's description (docs/openapi.json)."""
    from app.main import create_app

    with TemporaryDirectory() as folder:
        app = create_app(Settings(data_dir=Path(folder), database_url="", demo=False, public_url="http://127.0.0.1:8000"))
        described = app.openapi()
        app.state.desk.close()
        app.state.db.dispose()
    typer.echo(json.dumps(described, ensure_ascii=False, indent=1, sort_keys=True))
