"""Network: every family of sockets, and everything that might listen."""

import os
import socket

from attempt import works

LOUD = ()
_ABSTRACT = ("/org/kernel/linux", "/com/ubuntu/upstart", "@/tmp/.X11-unix/X0", "dbus")
_NAMED = ("/run/docker.sock", "/var/run/docker.sock", "/run/podman/podman.sock", "/run/systemd/private")
_NAMED += ("/run/dbus/system_bus_socket", "/run/systemd/journal/socket", "/dev/log", "/tmp/.X11-unix/X0")


def connects_to_the_host(given):
    """Connects to a port that is really open on the host, by each of its addresses."""
    found = []
    for address in ("127.0.0.1", "::1", "0.0.0.0", "10.0.2.2", "169.254.169.254", "172.17.0.1", "192.168.122.1"):
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        with socket.socket(family) as one:
            one.settimeout(0.2)
            if works(one.connect, (address, given["port"])):
                found.append(address)
    return found


def sends_datagrams(given):
    """Sends datagrams to the world, to everybody near, and to a resolver."""
    found = []
    for address in (("8.8.8.8", 53), ("255.255.255.255", 9), ("224.0.0.251", 5353)):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
            one.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
            if works(one.sendto, b"x", address):
                found.append(address[0])
    return found


def resolves_names(given):
    """Asks for the address of a name."""
    return ["a name"] if works(socket.getaddrinfo, "example.com", 80) else []


def connects_to_sockets_without_a_file(given):
    """Connects to abstract UNIX sockets, one of which is really there on the host."""
    names = [f"\0{name}" for name in (given["socket"], *_ABSTRACT)]
    return [name for name in names if works(socket.socket(socket.AF_UNIX).connect, name)]


def connects_to_sockets_with_a_file(given):
    """Connects to the sockets of engines, buses and logs, where they usually are."""
    return [name for name in _NAMED if works(socket.socket(socket.AF_UNIX).connect, name)]


def opens_other_families(given):
    """Opens VSOCK, netlink, packet, Bluetooth, CAN, cryptography, XDP and whatever else there may be."""
    kept = {socket.AF_UNIX, socket.AF_INET, socket.AF_INET6}
    families = [family for family in range(64) if family not in kept]
    kinds = (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_RAW, socket.SOCK_SEQPACKET)
    return [f"{family}/{kind}" for family in families for kind in kinds if works(socket.socket, family, kind)]


def calls_the_hypervisor(given):
    """Connects by VSOCK to the host and to a neighbour, which no network namespace holds back."""
    found = []
    for cid in (0, 1, 2, 3):
        if works(lambda cid=cid: socket.socket(40, socket.SOCK_STREAM).connect((cid, 1024))):
            found.append(str(cid))
    return found


def makes_raw_packets(given):
    """Opens raw sockets, which forge any packet."""
    kinds = ((socket.AF_INET, 1), (socket.AF_INET, 255), (socket.AF_INET6, 58), (17, 3))
    return [f"{family}/{what}" for family, what in kinds if works(socket.socket, family, socket.SOCK_RAW, what)]


def sees_interfaces(given):
    """Looks for an interface but the loopback."""
    with open("/proc/net/dev") as file:
        names = {line.partition(":")[0].strip() for line in file if ":" in line}
    return sorted(names - {"lo"})


def makes_interfaces(given):
    """Opens the device that makes network interfaces."""
    return ["/dev/net/tun"] if works(os.open, "/dev/net/tun", os.O_RDWR) else []
