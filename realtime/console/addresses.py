"""Where this machine is reached, and whether who calls is this machine itself."""

import ipaddress
import socket
from functools import cache

import ifaddr

LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
MOST_SHOWN = 4


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

    What the system's cards say: nobody is asked, so it works without a network. Those that a
    machine gives itself where nobody has given it one (169.254...) come last.
    """
    found = {
        ipaddress.ip_address(known.ip)
        for adapter in ifaddr.get_adapters()
        for known in adapter.ips
        if isinstance(known.ip, str)
    }
    usable = [ip for ip in found if not (ip.is_loopback or ip.is_unspecified or ip.is_multicast)]
    return [str(ip) for ip in sorted(usable, key=lambda ip: (ip.is_link_local, int(ip)))]


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
