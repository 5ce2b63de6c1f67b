"""/proc and /sys: what tells about the host, and what changes it."""

import os

from attempt import opened

LOUD = ()
_SWITCHES = ("sysrq-trigger", "sys/kernel/core_pattern", "sys/kernel/modprobe", "sys/kernel/hostname")
_SWITCHES += ("sys/vm/drop_caches", "sys/vm/panic_on_oom", "sys/net/ipv4/ip_forward", "sys/fs/binfmt_misc/register")
_SWITCHES += (
    "sys/kernel/ns_last_pid",
    "sys/kernel/unprivileged_bpf_disabled",
    "irq/0/smp_affinity",
    "mtrr",
    "acpi/wakeup",
)
_TELLING = ("kcore", "kmsg", "kallsyms", "keys", "timer_list", "sched_debug", "modules", "config.gz", "vmallocinfo")
_DANGEROUS = ("kernel/uevent_helper", "power/state", "kernel/security", "kernel/debug", "kernel/tracing", "fs/bpf")
_DANGEROUS += ("kernel/mm/ksm/run", "module/kernel/parameters/panic", "kernel/vmcoreinfo", "firmware/efi/efivars")


def turns_switches(given):
    """Opens the kernel's switches in /proc for writing."""
    return opened([f"/proc/{name}" for name in _SWITCHES], os.O_WRONLY)


def reads_the_kernel(given):
    """Reads the kernel's memory, log, keys and symbols."""
    found = []
    for name in _TELLING:
        try:
            with open(f"/proc/{name}", "rb") as file:
                found += [name] if file.read(64).strip(b"\0\n ") else []
        except OSError:
            continue
    return found


def turns_switches_of_devices(given):
    """Opens what is dangerous in /sys."""
    return opened([f"/sys/{name}" for name in _DANGEROUS], os.O_WRONLY)


def frees_itself_from_its_cgroup(given):
    """Writes to the files of cgroups: its bounds, its members, and what runs on the host when one empties."""
    names = ("cgroup.procs", "memory.max", "pids.max", "release_agent", "notify_on_release", "cgroup.kill")
    names += ("memory.limit_in_bytes", "tasks", "devices.allow")
    folders = ["/sys/fs/cgroup", *(f"/sys/fs/cgroup/{each}" for each in ("memory", "pids", "devices", "systemd"))]
    return opened([f"{folder}/{name}" for folder in folders for name in names], os.O_WRONLY)


def sees_other_processes(given):
    """Looks for processes that are not its own."""
    seen = {int(name) for name in os.listdir("/proc") if name.isdigit()}
    return [str(pid) for pid in seen - {1, 2, os.getpid(), os.getppid()}]


def looks_into_process_1(given):
    """Opens memory, descriptors, root and folder of what watches over it."""
    paths = ["/proc/1/mem", "/proc/1/root/.", "/proc/1/cwd/."]
    held = [path for at in range(64) for how in (os.O_RDONLY, os.O_WRONLY) if _takes(path := f"/proc/1/fd/{at}", how)]
    return [*opened(paths), *opened(paths, os.O_WRONLY), *held]


def _takes(path, how):
    """Tell whether a descriptor of another can be opened, and what it leads to not by its own name as well."""
    try:
        got = os.open(path, how)
    except OSError:
        return False
    name = os.readlink(f"/proc/self/fd/{got}")
    os.close(got)
    return not opened([name], how)


def escapes_the_killer(given):
    """Makes itself the last that the kernel kills when memory runs out."""
    try:
        before = int(open("/proc/self/oom_score_adj").read())
        open("/proc/self/oom_score_adj", "w").write("-1000")
    except OSError:
        return []
    return [] if int(open("/proc/self/oom_score_adj").read()) >= before else ["a lower score"]


def learns_names_of_the_host(given):
    """Looks for paths, names and secrets of the host in what is said about its own mounts and processes."""
    told = []
    for path in ("/proc/self/environ", "/proc/1/environ", "/proc/1/cmdline", "/proc/self/cgroup"):
        try:
            told.append(open(path, errors="replace").read())
        except OSError:
            continue
    everything = "\n".join(told)
    return [name for name, word in given["names"].items() if word in everything]


def learns_where_its_mounts_come_from(given):
    """Looks for paths of the host in the table of its own mounts."""
    with open("/proc/self/mountinfo") as file:
        sources = {line.split()[3] for line in file}
    return sorted(path for path in sources if path.startswith(("/tmp/dexter", "/root", "/home", "/work/", "/var/lib")))


def learns_about_the_machine(given):
    """Reads the kernel's version, the processor and the load, which tell neighbours apart and help an attack."""
    return opened(["/proc/version", "/proc/cpuinfo", "/proc/loadavg", "/proc/meminfo"])
