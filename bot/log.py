"""The log: one line a happening, with ids and no text; secrets are struck out wherever they turn up."""

import logging
import logging.handlers
import re
import sys
from collections.abc import Iterable, MutableMapping
from typing import Any

import structlog

from bot.settings import Settings
from core.errors import Misconfigured
from core.events import Event

TEXT = ("question", "answer", "text", "prompt", "reply")
"""Fields that carry what people and models wrote; dropped unless `log.debug_text` asks for them."""
_SHAPES = re.compile(
    r"xox[a-z]-[\w-]{8,}|xapp-[\w-]{8,}|sk-[\w-]{12,}|AIza[\w-]{20,}|AKIA[A-Z0-9]{12,}"
    r"|(?<=://)[^/\s:@]+:[^/\s@]+(?=@)|(?<=Bearer )\S+|(?<=Bot )[\w-]{20,}\.[\w-]+\.[\w-]+"
)
"""What secrets look like: tokens by their prefixes, passwords in URLs, authorisation headers."""


class Redaction:
    """Strikes known secrets, and whatever looks like one, out of a line."""

    def __init__(self, secrets: Iterable[str], *, text: bool) -> None:
        self._known = sorted((s for s in secrets if len(s) >= 6), key=len, reverse=True)
        self._text = text

    def __call__(self, _: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        """Return the event without text fields (unless debugging asks for them) and without secrets."""
        kept = {k: v for k, v in event.items() if self._text or k not in TEXT}
        return {key: self.strike(value) if isinstance(value, str) else value for key, value in kept.items()}

    def strike(self, line: str) -> str:
        """Return a line with `***` in place of each secret."""
        for secret in self._known:
            line = line.replace(secret, "***")
        return _SHAPES.sub("***", line)


def said(event: Event) -> dict[str, str]:
    """Return what a person or a model wrote in an event, as fields of a line."""
    return {name: value for name in TEXT if (value := getattr(event.body, name, None))}


def set_up(settings: Settings, secrets: Iterable[str]) -> None:
    """Send the log of Dexter and of its libraries (warnings of these alone) where the settings say.

    Raises `Misconfigured` where the log cannot be written.
    """
    logging.raiseExceptions = False  # a disk that fills up later must not spill tracebacks into a terminal
    redaction = Redaction(secrets, text=settings.log.debug_text)
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        structlog.stdlib.PositionalArgumentsFormatter(),
        redaction,
    ]
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = _handler(settings)
    last = structlog.processors.JSONRenderer() if settings.log.format == "json" else _console(handler)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, redaction, last],
        )
    )
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.captureWarnings(True)  # a library's warning belongs into the log, not into a person's terminal
    logging.getLogger("dexter").setLevel(settings.log.level.upper())


def _handler(settings: Settings) -> logging.Handler:
    file = settings.log.file
    if file is None:
        return logging.StreamHandler(sys.stderr)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        return logging.handlers.RotatingFileHandler(file, maxBytes=10_000_000, backupCount=5, encoding="utf-8")
    except OSError as error:
        raise Misconfigured(
            "The log {file} cannot be written ({why}): name another file in `log.file`.",
            file=file,
            why=error.strerror,
        ) from None


def _console(handler: logging.Handler) -> structlog.dev.ConsoleRenderer:
    stream = getattr(handler, "stream", None)
    colours = bool(stream and stream.isatty())
    return structlog.dev.ConsoleRenderer(colors=colours, exception_formatter=structlog.dev.plain_traceback)
