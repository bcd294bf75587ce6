"""Form fields of the sign-in pages."""

from __future__ import annotations

import re
from typing import Any

from django.utils.translation import gettext_lazy

from childindex.web.design.fields import CodeField


class RecoveryCodeField(CodeField):
    """One of the eight-digit codes somebody was given to keep; spaces allowed."""

    def __init__(self, **kwargs: Any) -> None:
        """As CodeField."""
        super().__init__(
            pattern=re.compile(r"[0-9]{8}"),
            mistake=gettext_lazy("Enter one of your recovery codes, 8 digits"),
            attrs={"inputmode": "numeric"},
            max_length=12,
            width=10,
            **kwargs,
        )
