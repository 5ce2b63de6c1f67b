"""What runs inside the subprocess of one local model: llama.cpp's server, bounded, on the loopback alone.

Run as a file, with nothing of Dexter's imported: an order comes as one line of JSON on standard input, one line with
the port (or the error) goes back, and the process ends when standard input does, which is when Dexter ends, however
that happens.
"""

import contextlib
import json
import os
import resource
import sys
from pathlib import Path
from typing import Any

LOG_LIMIT = 4 << 20
"""Bytes that the log may grow to; a server writes no other file."""
_ERRORS_ONLY = 1


def bound(memory: int, nice: int) -> None:
    """Bound what this process may take: `memory` bytes of its own (mapped weights not counted), its log, its turn."""
    os.nice(nice)
    with contextlib.suppress(OSError):
        # The kernel shares out the processor by session first, where niceness counts for the session as a whole.
        Path("/proc/self/autogroup").write_text(str(nice), encoding="ascii")
    resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))
    resource.setrlimit(resource.RLIMIT_FSIZE, (LOG_LIMIT, LOG_LIMIT))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with contextlib.suppress(OSError):
        # Where memory runs out all the same, a model that can be restarted goes before Dexter does.
        Path("/proc/self/oom_score_adj").write_text("500", encoding="ascii")


def serve(order: dict[str, Any]) -> Any:
    """Load the weights and return the running server; it stops when the object is dropped."""
    import xllamacpp  # type: ignore[import-untyped]  # the 100 MB library loads after the bounds are set

    wish = xllamacpp.CommonParams()
    wish.model.path = order["path"]
    wish.model_alias = {order["name"]}
    wish.hostnames = ["127.0.0.1"]
    wish.port = 0
    # The secret is in the path, not in a header: so the URL alone says how to reach the model, to any client.
    wish.api_prefix = order["prefix"]
    wish.n_ctx = order["context"]
    wish.n_parallel = order["parallel"]
    # One pool of context for all slots: a single long question may use all of it.
    wish.kv_unified = True
    # llama.cpp keeps up to 8 GB of old prompts otherwise.
    wish.cache_ram_mib = 0
    wish.cache_idle_slots = False
    wish.cpuparams.n_threads = wish.cpuparams_batch.n_threads = order["threads"]
    wish.n_threads_http = order["parallel"] + 2
    wish.ui = wish.endpoint_slots = wish.endpoint_props = False
    wish.verbosity = _ERRORS_ONLY
    return xllamacpp.Server(wish)


def main() -> None:
    """Serve until standard input ends."""
    reply = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # whatever the library prints is log, and never mistaken for the reply
    order = json.loads(sys.stdin.readline())
    bound(order["memory"], order["nice"])
    try:
        server = serve(order)
    except ImportError as error:
        print(
            json.dumps({"error": f"llama.cpp cannot be loaded: {error}; `make setup` mends that"}),
            file=reply,
            flush=True,
        )
        os._exit(1)
    except Exception as error:  # noqa: BLE001 - whatever the library raises is told to Dexter
        print(json.dumps({"error": f"{type(error).__name__}: {error}"}), file=reply, flush=True)
        os._exit(1)
    print(json.dumps({"base": server.listening_address + order["prefix"]}), file=reply, flush=True)
    sys.stdin.read()
    # Not a tidy end: it would wait for replies that nobody reads any more.
    os._exit(0)


if __name__ == "__main__":
    main()
