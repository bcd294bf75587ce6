"""What every answer tells the browser not to do. Constants only, so that settings may import them."""

from __future__ import annotations

from typing import Final

from csp.constants import NONCE, NONE, SELF

# The value of Django's CONTENT_SECURITY_POLICY (django-csp 4). Images from data: are the QR code of a one-time code.
CONTENT_SECURITY_POLICY: Final[dict[str, object]] = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}

_NO_DEVICE = (
    "accelerometer camera display-capture fullscreen geolocation gyroscope hid magnetometer microphone midi payment "
    "picture-in-picture screen-wake-lock serial usb xr-spatial-tracking"
)

# `same-origin` and not `no-referrer`: under `no-referrer` browsers send "Origin: null" with every form and Django's CSRF
# check refuses it. Nothing leaves for another site either way, and no address of ours holds anything about a child.
SECURITY_HEADERS: Final[dict[str, str]] = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Permissions-Policy": ", ".join(
        [f"{name}=()" for name in _NO_DEVICE.split()]
        + ["publickey-credentials-get=(self)", "publickey-credentials-create=(self)"]
    ),
}
