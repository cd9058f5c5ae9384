"""Webhooks: what services send by themselves, signed, in shapes of their own; see collect/wire/webhook.py."""

import os
from typing import Annotated

import msgspec

from mindgap.collect.events.signatures import Scheme, scheme
from mindgap.collect.events.stream_options import StreamOptions
from mindgap.kernel.errors import SettingsError


class OPTIONS(StreamOptions, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Options of a webhook.

    Attributes:
        secret_env: Name of the environment variable that holds the secret.
        previous_secret_env: Name of the one that holds the secret before, which is good as well while it is
            being changed; empty otherwise.
        scheme: How the sender signs: standard-webhooks, hmac-sha256-hex, github, meta, shopify, stripe,
            typeform, zendesk, hubspot or slack.
        header: The header that carries the signature, where it is not the scheme's usual one.
        tolerance_s: How old a delivery may be, where the scheme says when it was sent, in seconds.
        verify_env: Name of the environment variable that holds the token which the sender shows when it asks
            whether we are there (`hub.verify_token`); empty where none asks.
        address: The whole address that the sender calls, where its scheme signs that and a proxy changes it.
        preset: A map that comes with Mindgap: crm-contact, service-ticket, social-comment or survey.
        map: JMESPath expression by field of a message; over the preset's, where there is one.
    """

    secret_env: Annotated[str, msgspec.Meta(pattern="^[A-Za-z_][A-Za-z0-9_]*$")]
    previous_secret_env: str = ""
    scheme: str = "standard-webhooks"
    header: str = ""
    tolerance_s: Annotated[int, msgspec.Meta(ge=1)] = 300
    verify_env: str = ""
    address: str = ""
    preset: str = ""
    map: dict[str, str] = msgspec.field(default_factory=dict)

    def signed_by(self) -> Scheme:
        """How the sender signs.

        Raises:
            SettingsError: There is no such scheme.
        """
        return scheme(self.scheme, header=self.header)


def secret(variable: str) -> str:
    """A secret that the environment holds.

    Raises:
        SettingsError: It holds none of that name.
    """
    found = os.environ.get(variable, "")
    if not found:
        raise SettingsError(
            f"The environment has no variable {variable}, which is to hold a webhook's secret.",
            hint="Set it where the server is started.",
        )
    return found
