"""Where this machine is reached, and whether who calls is this machine itself."""

import contextlib
import ipaddress
import socket
from functools import cache

import ifaddr

LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
MOST_SHOWN = 3
WITHIN = ("br-", "docker", "lxc", "veth", "virbr", "vmnet")


def is_loopback(ip: str) -> bool:
    """Whether nobody but this machine has that address.

    >>> is_loopback("127.0.0.1"), is_loopback("::1"), is_loopback("10.0.0.7"), is_loopback("")
    (True, True, False, False)
    """
    try:
        return ipaddress.ip_address(ip).is_loopback
    except ValueError:
        return False


def lan_addresses() -> list[str]:
    """IPv4 addresses under which others of the network may reach this machine, best first.

    What the system's cards say: nobody is asked, so it works without a network. First comes the one
    that the way out begins with; last those of bridges within the machine, and those that a machine
    gives itself where nobody has given it one (169.254...).
    """
    names = {
        ipaddress.ip_address(known.ip): adapter.name
        for adapter in ifaddr.get_adapters()
        for known in adapter.ips
        if isinstance(known.ip, str)
    }
    usable = [ip for ip in names if not (ip.is_loopback or ip.is_unspecified or ip.is_multicast)]
    first = _way_out()

    def worth(ip: ipaddress.IPv4Address | ipaddress.IPv6Address) -> tuple[bool, bool, bool, int]:
        return (str(ip) != first, ip.is_link_local, names[ip].startswith(WITHIN), int(ip))

    return [str(ip) for ip in sorted(usable, key=worth)]


def _way_out() -> str:
    """This machine's address towards other networks; empty if there is none.

    A datagram socket that is connected sends nothing: the system looks into its table of routes.
    The other end is an address that is reserved for examples (RFC 5737).
    """
    with contextlib.suppress(OSError), socket.socket(type=socket.SOCK_DGRAM) as probe:
        probe.connect(("192.0.2.1", 9))
        return str(probe.getsockname()[0])
    return ""


@cache
def host_names() -> frozenset[str]:
    """What this machine calls itself, and is called by others of its network (mDNS)."""
    name = socket.gethostname().lower().rstrip(".")
    short = name.split(".")[0]
    return frozenset({name, short, f"{short}.local"} - {"", "localhost", ".local"})


def lan_links(port: int) -> list[str]:
    """What a phone opens."""
    return [f"http://{ip}:{port}/" for ip in lan_addresses()[:MOST_SHOWN]]


def what_is_open(port: int) -> str:
    """For the terminal: what `--lan` lets others do."""
    links = " or ".join(lan_links(port)) or "no address: this machine is in no network now"
    return (
        f"console: open to this network at {links}\n"
        "console: whoever knows the pairing code can play, record, change presets and hear takes; "
        "nothing is encrypted"
    )
