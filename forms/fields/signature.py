"""Signature: a drawn name."""

from __future__ import annotations

from typing import Any, ClassVar

from forms.fields.base import field_types
from forms.fields.image import ImageField


@field_types.register("signature")
class SignatureField(ImageField):
    """A name drawn by hand, kept as one picture.

    ```yaml
    signed: {type: signature, label: 客户签名}
    ```
    """

    options: ClassVar[dict[str, Any]] = {}
