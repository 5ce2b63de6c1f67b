"""Messages between two processes of which one does not trust the other: JSON behind its length, never code."""

import json
import os
from typing import Any

MOST = 32 << 20
"""Bytes of one message."""
_HEAD = 4


class Gone(Exception):
    """The other process has ended, or says what nobody can read."""


class Wire:
    """Two descriptors: what the other says, and what it is told."""

    def __init__(self, reader: int, writer: int) -> None:
        self.reader, self.writer = reader, writer

    def send(self, message: Any) -> None:
        """Say something; blocks until it is taken. Raises `Gone`."""
        body = json.dumps(message).encode()
        if len(body) > MOST:
            raise ValueError(f"{len(body):,} bytes are too much to hand over")
        rest = memoryview(len(body).to_bytes(_HEAD, "big") + body)
        try:
            while rest:
                rest = rest[os.write(self.writer, rest) :]
        except OSError as error:
            raise Gone from error

    def receive(self) -> Any:
        """Wait for the next message. Raises `Gone`."""
        size = int.from_bytes(self._exactly(_HEAD), "big")
        if size > MOST:
            raise Gone
        try:
            return json.loads(self._exactly(size))
        except (ValueError, RecursionError) as error:
            raise Gone from error

    def close(self) -> None:
        """Give the descriptors back."""
        os.close(self.reader)
        os.close(self.writer)

    def _exactly(self, size: int) -> bytes:
        parts = []
        while size:
            try:
                part = os.read(self.reader, min(size, 1 << 20))
            except OSError as error:
                raise Gone from error
            if not part:
                raise Gone
            parts.append(part)
            size -= len(part)
        return b"".join(parts)
