"""Which addresses may be called: public ones only, looked up once, and then called at just that address.

Looking a name up, checking it, and letting the client look it up again would let the second answer be an
address inside; so the client is given the checked address.
"""

import ipaddress
import socket
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from mindgap.kernel.errors import SettingsError, SourceError

_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_PORTS = {"https": 443, "http": 80}
Lookup = Callable[[str, int], Sequence[str]]
"""The addresses of a host."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """An address that was checked.

    Attributes:
        url: With the number of the address in place of the host's name.
        host: The name, for the certificate.
        authority: What the header Host says.
    """

    url: str
    host: str
    authority: str


def look_up(host: str, port: int) -> Sequence[str]:
    """The addresses of a host, as the machine finds them."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise SourceError(f"There is no host {host}.", hint="Check the address.") from None
    return [str(one[4][0]) for one in found]


def checked(url: str, *, allowed: Collection[str], lookup: Lookup = look_up) -> Endpoint:
    """Where a URL leads, once that is known to be public or allowed.

    Raises:
        SettingsError: It must not be called.
        SourceError: There is no such host.
    """
    try:
        split = urlsplit(url)
        host, port = (split.hostname or "").rstrip("."), split.port or _PORTS.get(split.scheme, 0)
    except ValueError:
        host, port, split = "", 0, urlsplit("")
    if not host or not port or split.username is not None or split.password is not None:
        raise SettingsError("That is no address to send to.", hint="Write https://host/path, without a user.")
    trusted = host in allowed
    if split.scheme != "https" and not trusted:
        raise SettingsError(
            f"{host} would be called without encryption.",
            hint="Use https, or name the host in [audiences] allowed_hosts of mindgap.toml.",
        )
    addresses = lookup(host, port)
    if not trusted and (not addresses or not all(is_public(one) for one in addresses)):
        raise SettingsError(
            f"{host} is not a public address.",
            hint="If it is meant, name the host in [audiences] allowed_hosts of mindgap.toml.",
        )
    number = f"[{addresses[0]}]" if ":" in addresses[0] else addresses[0]
    query = f"?{split.query}" if split.query else ""
    path = split.path or "/"
    authority = split.netloc.rpartition("@")[2]
    return Endpoint(url=f"{split.scheme}://{number}:{port}{path}{query}", host=host, authority=authority)


def is_public(address: str) -> bool:
    """Whether an address is of the public Internet; one that wraps another is judged by that.

    >>> [is_public(one) for one in ("93.184.216.34", "10.0.0.1", "::ffff:127.0.0.1", "169.254.169.254")]
    [True, False, False, False]
    """
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address):
        wrapped = found.ipv4_mapped or found.sixtofour or (found.teredo[1] if found.teredo else None)
        if found in _NAT64:
            wrapped = ipaddress.IPv4Address(int(found) & 0xFFFF_FFFF)
        if wrapped is not None:
            return is_public(str(wrapped))
    return found.is_global and not found.is_multicast
