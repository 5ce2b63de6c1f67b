"""System calls that look into other processes, load code into the kernel, or have a history of holes."""

import ctypes
import mmap
import os

from attempt import calls, numbered, system

LOUD = ("calls_as_32_bits",)


def traces(given):
    """Traces process 1 and a child of its own, and reads their memory."""
    child = os.fork()
    if child == 0:
        import time

        time.sleep(20)
        os._exit(0)
    found = []
    for pid in (1, child):
        found += [f"attach to {pid}"] if system.ptrace(16, pid, 0, 0) == 0 else []
        found += [f"seize {pid}"] if system.ptrace(0x4206, pid, 0, 0) == 0 else []
        found += [f"memory of {pid}"] if system.process_vm_readv(pid, 0, 0, 0, 0, 0) >= 0 else []
    os.kill(child, 9)
    return found


def keeps_keys(given):
    """Reaches into the kernel's key rings, which namespaces do not hold apart."""
    text = ctypes.c_char_p(b"user")
    return numbered(
        {"keyctl": (250, 0, -4, 0), "add_key": (248, text, text, text, 4, -4), "request_key": (249, text, text)}
    )


def loads_bpf(given):
    """Loads programs into the kernel."""
    return numbered({"bpf": (321, 0, 0, 0)})


def queues_by_io_uring(given):
    """Sets up a ring of requests, past filters of calls."""
    return numbered({"io_uring_setup": (425, 8, ctypes.byref((ctypes.c_char * 120)()))})


def counts_performance(given):
    """Opens the counters of the processor."""
    return numbered({"perf_event_open": (298, ctypes.byref((ctypes.c_char * 128)()), 0, -1, -1, 0)})


def handles_its_own_faults(given):
    """Stops the kernel in the middle of a copy (userfaultfd)."""
    return numbered({"userfaultfd": (323, 0)})


def loads_kernels(given):
    """Loads a module, and another kernel; reboots; swaps; counts."""
    attempts = {"init_module": (175, 0, 0, b""), "finit_module": (313, 0, b"", 0), "kexec_load": (246, 0, 0, 0, 0)}
    attempts |= {"reboot": (169, 0xFEE1DEAD, 672274793, 0), "swapon": (167, b"/work/x", 0), "acct": (163, b"/work/x")}
    return numbered(attempts)


def reaches_hardware(given):
    """Asks for the ports of the machine, and for tables of segments."""
    return numbered({"iopl": (172, 3), "ioperm": (173, 0, 8, 1), "modify_ldt": (154, 0, 0, 0)})


def copies_descriptors(given):
    """Takes descriptors out of process 1."""
    handle = system.syscall(434, 1, 0) if os.uname().machine == "x86_64" else -1
    return ["pidfd_getfd"] if handle >= 0 and system.syscall(438, handle, 1, 0) >= 0 else []


def hides_memory(given):
    """Asks for memory that not even the kernel can read, and for names of files by number."""
    return numbered({"memfd_secret": (447, 0), "name_to_handle_at": (303, -100, b"/", 0, 0, 0)})


def turns_off_randomness(given):
    """Asks for addresses that can be guessed."""
    return calls({"personality": ("personality", 0x0040000)})


def calls_as_x32(given):
    """Makes system calls by the numbers of another interface, past filters that know only one."""
    return numbered({"getpid": (0x40000000 + 39,), "ptrace": (0x40000000 + 521, 16, 1, 0, 0)})


def calls_as_32_bits(given):
    """Makes a system call as a program of 32 bits does, past filters that know only one."""
    if os.uname().machine != "x86_64":
        return []
    code = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    code.write(b"\x53\xb8\x14\x00\x00\x00\xcd\x80\x5b\xc3")  # getpid by int 0x80
    function = ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(code)))
    return ["getpid"] if function() == os.getpid() else []
