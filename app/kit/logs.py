"""Log lines of the commands: one shape for ours, the server's and the libraries', so that a machine can read them all."""

import logging

import structlog


def write_logs(*, as_json: bool) -> None:
    """Our own lines on the standard output, those of uvicorn and the libraries on the error output; times in UTC."""
    dressing: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    rendering: list[structlog.typing.Processor] = (
        [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(ensure_ascii=False)]
        if as_json
        # Plain: the prettier tracebacks would print every local variable, and with them telephones and passwords.
        else [structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)]
    )
    structlog.configure(
        processors=[*dressing, *rendering],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        cache_logger_on_first_use=True,
    )
    theirs = logging.StreamHandler()
    theirs.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=dressing, processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *rendering]
        )
    )
    logging.basicConfig(handlers=[theirs], level=logging.INFO, force=True)
    logging.getLogger("alembic").setLevel(logging.WARNING)
