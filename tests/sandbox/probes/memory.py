"""Memory: as much as can be had, of every kind."""

import mmap
import os
import socket
import time

LOUD = ("grows", "grows_in_children", "shares_pages", "hides_it_in_sockets", "hides_it_in_files", "hides_it_in_pipes")
_PIECE = 1 << 20
_ENOUGH = 400


def grows(given):
    """Takes 400 MB on its heap."""
    held = [b"x" * _PIECE for _ in range(_ENOUGH)]
    return [f"{len(held)} MB"]


def grows_in_children(given):
    """Takes 400 MB in ten processes together."""
    for _ in range(10):
        if os.fork() == 0:
            held = [b"x" * _PIECE for _ in range(_ENOUGH // 10)]
            time.sleep(30)
            os._exit(len(held) % 2)
    time.sleep(2)
    return ["400 MB in ten processes"]


def shares_pages(given):
    """Takes 400 MB that are shared between processes."""
    held = []
    for _ in range(_ENOUGH):
        held.append(mmap.mmap(-1, _PIECE))
        held[-1].write(b"x" * _PIECE)
    return [f"{len(held)} MB"]


def hides_it_in_sockets(given):
    """Fills the buffers of sockets, which belong to no process."""
    held, filled = [], 0
    try:
        while filled < _ENOUGH * _PIECE:
            held.append(socket.socketpair())
            held[-1][0].setblocking(False)
            held[-1][0].setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 8 * _PIECE)
            try:
                while filled < _ENOUGH * _PIECE:
                    filled += held[-1][0].send(b"x" * 65_536)
            except OSError:
                continue
    except OSError:
        pass
    return [f"{filled} bytes"] if filled >= 100 * _PIECE else []


def hides_it_in_files(given):
    """Writes 400 MB to files in memory, and to those that have no name."""
    written = 0
    for at in range(4):
        try:
            held = os.memfd_create(f"held{at}") if at else os.open("/dev/shm/held", os.O_RDWR | os.O_CREAT)
            for _ in range(_ENOUGH // 4):
                written += os.write(held, b"x" * _PIECE)
        except OSError:
            continue
    return [f"{written} bytes"] if written >= 200 * _PIECE else []


def hides_it_in_pipes(given):
    """Fills pipes that it made as large as they get."""
    held, filled = [], 0
    try:
        while filled < _ENOUGH * _PIECE:
            held.append(os.pipe2(os.O_NONBLOCK))
            try:
                import fcntl

                fcntl.fcntl(held[-1][1], 1031, _PIECE)
            except OSError:
                pass
            filled += os.write(held[-1][1], b"x" * _PIECE)
    except OSError:
        pass
    return [f"{filled} bytes"] if filled >= 200 * _PIECE else []


def locks_it(given):
    """Locks 50 MB into memory, so that the machine cannot do without."""
    from attempt import system

    held = mmap.mmap(-1, 50 * _PIECE)
    import ctypes

    address = ctypes.addressof(ctypes.c_char.from_buffer(held))
    return ["50 MB"] if system.mlock(ctypes.c_void_p(address), ctypes.c_size_t(50 * _PIECE)) == 0 else []
