"""The commands: serve, worker, demo, migrate, … Each opens the same verbs as the pages."""

from typing import Annotated
from urllib.parse import urlsplit

import structlog
import typer

from app.kit.migrations import upgrade
from app.settings import Settings, UnsafeSetting

cli = typer.Typer(no_args_is_help=True, add_completion=False, help="Gongzhi 共治: a compound governs itself.")


def main() -> None:
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
) -> None:
    """Serve the pages and the API."""
    run_server(Settings(), host, port)


def run_server(settings: Settings, host: str, port: int) -> None:
    """Raises typer.Exit(2) with the reason where it must not serve."""
    import uvicorn

    from app.main import create_app, dressed

    try:
        app = create_app(settings)
    except UnsafeSetting as no:
        typer.echo(str(no), err=True)
        raise typer.Exit(2) from None
    as_json = structlog.processors.JSONRenderer(ensure_ascii=False)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            as_json if settings.log_format == "json" else structlog.dev.ConsoleRenderer(),
        ]
    )
    default = (urlsplit(settings.public_url).port or 8000) if settings.loopback else 8000
    uvicorn.run(dressed(app), host=host, port=port or default, access_log=False, server_header=False, proxy_headers=False)


@cli.command()
def demo(
    port: Annotated[int, typer.Option(help="Port on this machine.")] = 8000,
    serve_it: Annotated[bool, typer.Option("--serve/--load-only", help="Serve after loading.")] = True,
) -> None:
    """Two invented neighbourhoods on this machine, kept between starts; one tap to be anyone in them."""
    settings = Settings(demo=True, public_url=f"http://127.0.0.1:{port}")
    upgrade(settings.database)
    load_demo(settings)
    if serve_it:
        typer.echo(f"http://127.0.0.1:{port}")
        run_server(settings, "127.0.0.1", port)


def load_demo(settings: Settings) -> None:
    from app.demo.loading import load_world
    from app.demo.world import invented_world
    from app.kit.clock import today
    from app.main import open_database

    db = open_database(settings)
    load_world(db, invented_world(today()).stories, lambda name: typer.echo(f"… {name}"))
    db.dispose()
