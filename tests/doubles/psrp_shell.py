"""One session of a WSMan server: PSRP by psrpcore, and a thread for each pipeline that a handler plays."""

import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import psrpcore
from psrpcore.types import ErrorCategory, ErrorCategoryInfo, ErrorRecord, NETException, PSInvocationState

FRAGMENT = 300_000
RUNTIME = "System.Management.Automation.RuntimeException"


class Fault(Exception):
    """What WSMan answers instead, by Windows' number."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


TIMED_OUT = 2150858793
ABORTED = 995


class Stopped(Exception):
    """The pipeline is to end now; what a handler does in `finally` it still does."""


@dataclass
class Terminating(Exception):
    """An error that ends the pipeline, as PowerShell would write it."""

    message: str
    identifier: str = "RuntimeException"
    category: ErrorCategory = ErrorCategory.OperationStopped
    kind: str = RUNTIME

    def record(self) -> ErrorRecord:
        info = ErrorCategoryInfo(Category=self.category, Reason=self.kind.rpartition(".")[2])
        return ErrorRecord(
            Exception=net(self.message, self.kind), CategoryInfo=info, FullyQualifiedErrorId=self.identifier
        )


def net(message: str, kind: str) -> NETException:
    made = NETException(Message=message, HResult=-2146233087)
    made.PSObject.type_names = [kind, "System.Exception", "System.Object"]
    return made


class Running:
    """What a handler sees of a pipeline: the command as it was sent, and what PowerShell writes to."""

    def __init__(self, shell: "Shell", pipeline: Any, metadata: Any) -> None:
        self._shell = shell
        self._pipeline = pipeline
        self.stopping = threading.Event()
        command = metadata.commands[0]
        self.text: str = command.command_text
        self.given = {name: value for name, value in command.parameters if name is not None}

    def output(self, value: object) -> None:
        self._write(self._pipeline.write_output, value)

    def information(self, message: str) -> None:
        self._write(self._pipeline.write_information, message, "dexter")

    def error(self, message: str, identifier: str, category: ErrorCategory = ErrorCategory.NotSpecified) -> None:
        info = ErrorCategoryInfo(Category=category, Reason="RuntimeException")
        self._write(
            self._pipeline.write_error, net(message, RUNTIME), category_info=info, fully_qualified_error_id=identifier
        )

    def wait(self, event: threading.Event, seconds: float) -> bool:
        """Wait for something, as long as the pipeline is not to stop."""
        until = time.monotonic() + seconds
        while not event.wait(0.02):
            if self.stopping.is_set():
                raise Stopped
            if time.monotonic() > until:
                return False
        return True

    def sleep(self, seconds: float) -> None:
        if self.stopping.wait(seconds):
            raise Stopped

    def _write(self, write: Callable[..., None], *given: object, **more: object) -> None:
        with self._shell.changed:
            if not self.stopping.is_set():
                write(*given, **more)
                self._shell.pump()


Handler = Callable[[Running], None]


class Shell:
    """A runspace pool of one runspace."""

    def __init__(self, handler: Handler, owner: str) -> None:
        self.owner = owner
        self.changed = threading.Condition()
        self._handler = handler
        self._pool = psrpcore.ServerRunspacePool()
        self._out: dict[uuid.UUID | None, list[bytes]] = {None: []}
        self._running: dict[uuid.UUID, Running] = {}
        self._done: set[uuid.UUID] = set()
        self._closed = False

    def feed(self, data: bytes, pipeline: uuid.UUID | None = None) -> None:
        """Take what the client sends."""
        with self.changed:
            if pipeline is not None and pipeline not in self._pool.pipeline_table:
                psrpcore.ServerPipeline(self._pool, pipeline)
                self._out[pipeline] = []
            self._pool.receive_data(psrpcore.PSRPPayload(data, psrpcore.StreamType.default, pipeline))
            while (event := self._pool.next_event()) is not None:
                if isinstance(event, psrpcore.CreatePipelineEvent):
                    self._start(event)
            self.pump()

    def pump(self) -> None:
        """Move what psrpcore has to send to where the client asks for it; the condition is held."""
        while (payload := self._pool.data_to_send(FRAGMENT)) is not None:
            self._out.setdefault(payload.pipeline_id, []).append(payload.data)
        self.changed.notify_all()

    def receive(self, pipeline: uuid.UUID | None, seconds: float) -> tuple[list[bytes], bool]:
        """Return what there is for the client, and whether the pipeline is over. Raises `Fault` where nothing comes."""
        until = time.monotonic() + seconds
        with self.changed:
            while not self._out.get(pipeline):
                if self._closed:
                    raise Fault(ABORTED, "The I/O operation has been aborted because of a thread exit.")
                if pipeline in self._done:
                    return [], True
                left = until - time.monotonic()
                if left <= 0:
                    raise Fault(TIMED_OUT, "The operation was not completed within the time of OperationTimeout.")
                self.changed.wait(left)
            waiting, size = self._out[pipeline], 0
            taken: list[bytes] = []
            while waiting and (not taken or size + len(waiting[0]) < FRAGMENT):
                size += len(waiting[0])
                taken.append(waiting.pop(0))
            return taken, pipeline in self._done and not waiting

    def signal(self, pipeline: uuid.UUID, code: str) -> None:
        """Stop a pipeline (Ctrl+C), or let go of one that is over."""
        with self.changed:
            if (running := self._running.get(pipeline)) and pipeline not in self._done:
                running.stopping.set()
                self.changed.wait_for(lambda: pipeline in self._done, 10)

    def close(self) -> None:
        with self.changed:
            self._closed = True
            for running in self._running.values():
                running.stopping.set()
            self.changed.notify_all()

    def _start(self, event: Any) -> None:
        pipeline = self._pool.pipeline_table[event.pipeline_id]
        pipeline.start()
        running = self._running[event.pipeline_id] = Running(self, pipeline, event.pipeline)
        threading.Thread(target=self._run, args=(running, pipeline), daemon=True).start()

    def _run(self, running: Running, pipeline: Any) -> None:
        ended: Terminating | None = Terminating("The handler broke.", "HandlerBroke")
        try:
            self._handler(running)
            ended = None
        except Stopped:
            running.stopping.set()
        except Terminating as error:
            ended = error
        finally:
            self._end(running, pipeline, ended)

    def _end(self, running: Running, pipeline: Any, ended: Terminating | None) -> None:
        with self.changed:
            if running.stopping.is_set():
                pipeline.stop()
            elif ended:
                pipeline._change_state(PSInvocationState.Failed, error=ended.record())  # the library has no public way
            else:
                pipeline.complete()
            self._done.add(pipeline.pipeline_id)
            self.pump()
