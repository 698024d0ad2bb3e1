"""Passkeys (WebAuthn): keys that a user's device keeps, for this hub alone, and uses once it knows that it is the user.

A passkey is discoverable, so that nobody types a name, and asks its user for a finger, a face or a PIN: that is two
factors, so that no code is asked for. A challenge is a ticket's (tickets.py): bound, for ten minutes, and used once.
"""

from __future__ import annotations

import hashlib
import ipaddress
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from spaceport.errors import Conflict, InvalidInput, NotFound, Unauthenticated
from spaceport.hub.identity.accounts import Accounts
from spaceport.store.hub.factor_ports import Passkey, PasskeyStore
from spaceport.store.hub.ports import Owner

_MAX_PASSKEYS = 25
_MAX_NAME = 60
_UNKNOWN = "This passkey is not known here, or not any more: remove it from your device, and sign in another way."


@dataclass(frozen=True, slots=True)
class RelyingParty:
    """What a passkey is bound to: the host of the hub, and the origin of its pages."""

    id: str
    origin: str


def relying_party(origin: str) -> RelyingParty:
    """The hub at this origin: its own host, never a parent that the hosts of Spaces share. Raises `InvalidInput`."""
    parts = urlsplit(origin)
    host = parts.hostname or ""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        if parts.scheme == "https" or host == "localhost":
            return RelyingParty(host, origin)
        raise InvalidInput("Passkeys need https: open the hub at its https address.") from None
    port = "" if parts.port is None else f":{parts.port}"
    raise InvalidInput(f"Passkeys are for names, not for addresses: open the hub at http://localhost{port}.")


class Passkeys:
    """The passkeys in the hub's store. Options and answers are those of WebAuthn's JSON."""

    def __init__(self, store: PasskeyStore, accounts: Accounts) -> None:
        self._store = store
        self._accounts = accounts

    def of(self, user: Owner) -> list[Passkey]:
        return self._store.passkeys(user.id)

    def creation(self, user: Owner, party: RelyingParty) -> dict[str, Any]:
        """What a browser needs to make a passkey. Raises `Conflict` where the user has enough."""
        import webauthn
        from webauthn.helpers import structs

        present = self.of(user)
        if len(present) >= _MAX_PASSKEYS:
            raise Conflict(f"You have {_MAX_PASSKEYS} passkeys, the most that a user may have: delete one first.")
        options = webauthn.generate_registration_options(
            rp_id=party.id,
            rp_name=party.id,
            user_name=user.name,
            user_id=_handle(user),
            authenticator_selection=structs.AuthenticatorSelectionCriteria(
                resident_key=structs.ResidentKeyRequirement.REQUIRED,
                user_verification=structs.UserVerificationRequirement.REQUIRED,
            ),
            exclude_credentials=[structs.PublicKeyCredentialDescriptor(id=one.credential) for one in present],
        )
        found: dict[str, Any] = json.loads(webauthn.options_to_json(options))
        return found

    def add(self, user: Owner, party: RelyingParty, challenge: str, answer: Mapping[str, Any], name: str) -> Passkey:
        """Raises `InvalidInput` for an answer to something else, `Conflict` for a passkey that is known."""
        import webauthn
        from webauthn.helpers.exceptions import WebAuthnException

        name = check_name(name)
        try:
            found = webauthn.verify_registration_response(
                credential=dict(answer),
                expected_challenge=webauthn.base64url_to_bytes(challenge),
                expected_rp_id=party.id,
                expected_origin=party.origin,
                require_user_verification=True,
            )
        except (WebAuthnException, ValueError, TypeError, KeyError) as error:
            raise InvalidInput(f"The passkey was not made for this page: {str(error)[:200]}") from None
        now = time.time()
        return self._store.add_passkey(
            user.id, found.credential_id, found.credential_public_key, found.sign_count, name, now
        )

    def request(self, party: RelyingParty) -> dict[str, Any]:
        """What a browser needs to sign in with any passkey that it has for this hub."""
        import webauthn
        from webauthn.helpers import structs

        verification = structs.UserVerificationRequirement.REQUIRED
        options = webauthn.generate_authentication_options(rp_id=party.id, user_verification=verification)
        found: dict[str, Any] = json.loads(webauthn.options_to_json(options))
        return found

    def check(self, party: RelyingParty, challenge: str, answer: Mapping[str, Any]) -> Owner:
        """Whose passkey has signed the challenge. Raises `Unauthenticated`."""
        import webauthn
        from webauthn.helpers.exceptions import WebAuthnException

        try:
            passkey = self._store.passkey(webauthn.base64url_to_bytes(str(answer.get("id", ""))))
            user = None if passkey is None else self._accounts.find(passkey.user)
            if passkey is None or user is None:
                raise Unauthenticated(_UNKNOWN)
            found = webauthn.verify_authentication_response(
                credential=dict(answer),
                expected_challenge=webauthn.base64url_to_bytes(challenge),
                expected_rp_id=party.id,
                expected_origin=party.origin,
                credential_public_key=passkey.public_key,
                credential_current_sign_count=passkey.sign_count,
                require_user_verification=True,
            )
            handle = answer["response"].get("userHandle")
            if handle is None or webauthn.base64url_to_bytes(handle) != _handle(user):
                raise Unauthenticated(_UNKNOWN)
        except (WebAuthnException, ValueError, TypeError, KeyError, AttributeError) as error:
            raise Unauthenticated(f"The passkey did not sign this page in: {str(error)[:200]}") from None
        self._store.passkey_used(passkey.id, found.new_sign_count, time.time())
        return user

    def rename(self, user: Owner, passkey: int, name: str) -> None:
        """Raises `NotFound`, `InvalidInput`."""
        if not self._store.rename_passkey(user.id, passkey, check_name(name)):
            raise NotFound(f"You have no passkey {passkey}.")

    def remove(self, user: Owner, passkey: int) -> None:
        """Raises `NotFound`."""
        if not self._store.remove_passkey(user.id, passkey):
            raise NotFound(f"You have no passkey {passkey}.")


def check_name(name: str) -> str:
    """The name itself, for a passkey. Raises `InvalidInput`."""
    if not 0 < len(name.strip()) <= _MAX_NAME or not name.isprintable():
        raise InvalidInput(f"The name of a passkey has 1 to {_MAX_NAME} printable characters.")
    return name.strip()


def _handle(user: Owner) -> bytes:
    """What a device knows the account by: nothing that tells who it is, and never another account's."""
    return hashlib.sha256(f"{user.id} {user.created_at}".encode()).digest()
