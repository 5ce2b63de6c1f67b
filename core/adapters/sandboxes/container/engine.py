"""Docker or Podman, by the API that both speak; everything here blocks and is called in threads."""

import contextlib
import os
import socket
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.adapters.sandboxes.bubblewrap import owner
from core.adapters.sandboxes.container import image
from core.errors import Unavailable
from core.sentences import Sentence, said

if TYPE_CHECKING:
    from docker import APIClient

_TIMEOUT = 60
"""Seconds for one answer of the engine."""
_PATIENCE = 20
"""Seconds until something that listens where an engine usually does has said that it is one."""
_TRIES, _PAUSE = 40, 0.05
"""To remove a container or to learn of its end, and seconds between two."""
_VERSION = "1.40"
"""Of the API, which Docker has since 2019 and Podman since its version 3."""
_LABEL, _MACHINE = "dexter.sandbox", "dexter.machine"
_TAG = ":latest"


@dataclass(frozen=True, slots=True)
class Engine:
    """Where an engine listens, and what it said of itself."""

    address: str
    name: str
    """`Podman Engine 4.3.1`."""
    image: str
    """That containers are made from."""

    @property
    def is_podman(self) -> bool:
        """Tell the two apart where they understand the same request in two ways."""
        return self.name.startswith("Podman")

    @property
    def own_image(self) -> bool:
        """Tell whether containers are made from an image of Dexter's making, which has nothing in it."""
        return self.image.startswith(image.PREFIX)

    def client(self) -> "APIClient":
        """Return a connection, for one thread."""
        return _client(self.address)

    def create(self, client: "APIClient", command: Sequence[str], spec: Mapping[str, Any]) -> str:
        """Make a container, which does not run yet, and return its id. Raises `Unavailable`."""
        with failing(said("The container cannot be made")):
            labels = {_LABEL: owner.mine(), _MACHINE: machine()}
            made = client.create_container(
                self.image, list(command), stdin_open=True, labels=labels, use_config_proxy=False, **spec
            )
            return str(made["Id"])

    def sweep(self) -> None:
        """Remove the containers that a Dexter on this machine left behind when it died."""
        with contextlib.closing(self.client()) as client, failing(said("The containers cannot be listed")):
            mine = {"label": [f"{_MACHINE}={machine()}"]}
            for each in client.containers(all=True, filters=mine):
                if owner.abandoned(each["Labels"].get(_LABEL, "")):
                    remove(client, each["Id"])


@contextlib.contextmanager
def attached(client: "APIClient", container: str) -> Iterator[int]:
    """Give the descriptor of a connection to the standard streams of a container. Raises `Unavailable`."""
    with failing(said("The container cannot be watched")):
        wanted = {"stdin": 1, "stdout": 1, "stderr": 1, "stream": 1}
        connection: Any = client.attach_socket(container, params=wanted)
    try:
        yield connection.fileno()
    finally:
        connection._response.close()  # docker-py keeps it there, and it keeps the connection open


def start(client: "APIClient", container: str) -> None:
    """Start a container. Raises `Unavailable`."""
    with failing(said("The container cannot be started")):
        client.start(container)


def last_state(client: "APIClient", container: str) -> dict[str, Any]:
    """Return what the engine knows of a container that has just ended. Raises `Unavailable`."""
    with failing(said("The container cannot be looked at")):
        for _ in range(_TRIES):
            state: dict[str, Any] = client.inspect_container(container)["State"]
            if not state["Running"]:
                return state
            time.sleep(_PAUSE)
        return state


def remove(client: "APIClient", container: str) -> None:
    """Kill it, with all that runs in it, and take it away. Raises `Unavailable` where it may still be there."""
    errors = _docker().errors
    with failing(said("The container cannot be removed")):
        for left in reversed(range(_TRIES)):
            try:
                return client.remove_container(container, force=True, v=True)
            except errors.NotFound:
                return None
            except errors.APIError:  # Podman is just about to note that it has stopped
                if not left:
                    raise
                time.sleep(_PAUSE)


def find(address: str, wanted: str, environ: Mapping[str, str] = os.environ) -> Engine | None:
    """Return the first engine that answers, with an image; `None` where there is none. Raises `Unavailable`."""
    for place in [address] if address else _usual(environ):
        if not _listens(place):
            continue
        answer = failing(said("Docker or Podman at {place} does not answer as it should", place=place))
        with answer, contextlib.closing(_client(place, _PATIENCE)) as client:
            told = client.version()
            name = f"{told.get('Components', [{}])[0].get('Name', 'Docker')} {told['Version']}"
            return Engine(place, name, wanted or _image(client))
    return None


def machine() -> str:
    """Return the name of this machine since its start, and of the processes that can see each other on it."""
    boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    return f"{boot}-{Path('/proc/self/ns/pid').stat().st_ino}"


@contextlib.contextmanager
def failing(what: Sentence) -> Iterator[None]:
    """Turn whatever the engine, or the way to it, fails with into `Unavailable`."""
    try:
        yield
    except (_docker().errors.DockerException, OSError) as error:
        reason = " ".join(str(getattr(error, "explanation", "") or error).split())[:300]
        raise Unavailable("{what}: {reason}.", what=what, reason=reason.rstrip(".")) from error


def _usual(environ: Mapping[str, str]) -> list[str]:
    named = environ.get("DOCKER_HOST")
    own = environ.get("XDG_RUNTIME_DIR")
    places = ["/run/podman/podman.sock", *([f"{own}/podman/podman.sock"] if own else []), "/var/run/docker.sock"]
    return [named] if named else [f"unix://{place}" for place in places]


def _listens(place: str) -> bool:
    """Tell whether anybody is there; where that is not for Dexter to know, the engine's own answer says so."""
    with socket.socket(socket.AF_UNIX) as connection:
        try:
            connection.connect(place.removeprefix("unix://"))
        except (FileNotFoundError, ConnectionRefusedError):
            return not place.startswith("unix://")
        except OSError:
            return True
    return True


def _client(address: str, seconds: int = _TIMEOUT) -> "APIClient":
    client: APIClient = _docker().APIClient(base_url=address, version=_VERSION, timeout=seconds)
    return client


def _docker() -> Any:
    # A quarter of a second that a Dexter without containers should not pay, and an extra that it need not have.
    import docker

    return docker


def _image(client: "APIClient") -> str:
    """Return the image that Dexter makes, made where it is not there yet."""
    name = image.repository()
    if not client.images(name=name + _TAG):
        client.import_image_from_data(image.archive(), repository=name, tag=_TAG[1:])
    return name + _TAG
