"""Where the server listens and whom it believes; refused when that would leave the door open."""

import ipaddress
from dataclasses import dataclass
from pathlib import Path

from mindgap.kernel.errors import UsageError

_LOOPBACK_NAMES = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, slots=True, kw_only=True)
class Serving:
    """How to serve.

    Attributes:
        host: The address to bind to.
        port: The port to bind to.
        names: The host names under which visitors reach the server, beside the bound address itself.
        certificate: PEM file of the TLS certificate chain.
        private_key: PEM file of its key.
        trusted_proxy: Address of a proxy that ends TLS in front of the server; with it nothing else may
            connect. None when there is none.
    """

    host: str = "127.0.0.1"
    port: int = 8765
    names: tuple[str, ...] = ()
    certificate: Path | None = None
    private_key: Path | None = None
    trusted_proxy: str | None = None

    @property
    def loopback(self) -> bool:
        """Whether only this machine can reach the server."""
        return self.trusted_proxy is None and is_loopback(self.host)

    @property
    def tls(self) -> bool:
        """Whether the server itself ends TLS."""
        return self.certificate is not None and self.private_key is not None

    @property
    def secure(self) -> bool:
        """Whether visitors reach the server over TLS."""
        return self.tls or self.trusted_proxy is not None

    @property
    def host_names(self) -> frozenset[str]:
        """The names that a request may call the server by; others are refused (DNS rebinding)."""
        own = _LOOPBACK_NAMES if self.loopback else () if is_wildcard(self.host) else (self.host,)
        return frozenset(name.lower() for name in (*own, *self.names))

    @property
    def address(self) -> str:
        """The address to open in a browser."""
        name = self.names[0] if self.names else self.host
        shown = f"[{name}]" if ":" in name else name
        if self.trusted_proxy is not None:
            return f"https://{shown}"
        return f"{'https' if self.tls else 'http'}://{shown}:{self.port}"


def is_loopback(host: str) -> bool:
    """Whether an address is this machine's own.

    >>> is_loopback("127.0.0.1"), is_loopback("0.0.0.0"), is_loopback("localhost")
    (True, False, True)
    """
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def is_wildcard(host: str) -> bool:
    """Whether an address means every address of this machine."""
    try:
        return ipaddress.ip_address(host).is_unspecified
    except ValueError:
        return False


def check_serving(serving: Serving, *, has_password: bool, visitors: bool = True) -> None:
    """Refuse to open a door that is not locked.

    Args:
        serving: Where the server is to listen.
        has_password: Whether a password is set.
        visitors: Whether people come in, and not only events.

    Raises:
        UsageError: The address can be reached from elsewhere without a password, without TLS, or under names
            that nobody has stated; or a TLS file is missing.
    """
    _check_files(serving)
    if serving.loopback:
        return
    if visitors and not has_password:
        raise UsageError(
            f"{serving.host} can be reached from other machines, and no password is set.",
            hint="Set one with `mindgap password`, or stay on 127.0.0.1.",
        )
    if not serving.secure:
        raise UsageError(
            f"{serving.host} can be reached from other machines, and there is no TLS.",
            hint="Give --tls-cert and --tls-key, or --trusted-proxy ADDRESS of a proxy that does TLS.",
        )
    if visitors and not serving.host_names:
        raise UsageError(
            f"{serving.host} is every address of this machine; its name for visitors is not known.",
            hint="Give it with --name HOST.",
        )


def _check_files(serving: Serving) -> None:
    for file in (serving.certificate, serving.private_key):
        if file is not None and not file.is_file():
            raise UsageError(
                f"There is no TLS file {file}.", hint="Name the PEM files of certificate and key."
            )
    if (serving.certificate is None) != (serving.private_key is None):
        raise UsageError("TLS needs the certificate and its private key.", hint="Give both files.")
