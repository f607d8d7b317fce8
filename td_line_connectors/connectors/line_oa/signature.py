"""Is this call from LINE?"""

import hmac
from base64 import b64encode
from collections.abc import Sequence

from td_line_connectors.secret import Secret

__all__ = ["sign", "signed_by"]


def sign(secret: Secret, body: bytes) -> bytes:
    """Give the signature that LINE would send with a body (LINE, «Verify webhook signature»).

    Args:
        secret: the channel secret, used as the text that it is.
        body: the bytes of the request, untouched.

    Returns:
        HMAC-SHA256 in Base64: 44 ASCII characters.
    """
    return b64encode(hmac.digest(secret.reveal().encode(), body, "sha256"))


def signed_by(body: bytes, signature: str, secrets: Sequence[Secret]) -> int | None:
    """Say with which of the secrets a body is signed.

    Every secret is tried, and each comparison takes the same time however much of the signature is right, so that
    the time of the answer tells nothing.

    Args:
        body: the bytes of the request, untouched.
        signature: the header's value, of any characters.
        secrets: those that may have signed, such as the new and the old one while one is being replaced.

    Returns:
        the position of the first one that did, counted from 0; None if none did.
    """
    claimed = signature.encode(errors="replace")
    matches = [hmac.compare_digest(sign(secret, body), claimed) for secret in secrets]
    return matches.index(True) if True in matches else None
