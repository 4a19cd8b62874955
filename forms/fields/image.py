"""Image: pictures."""

from __future__ import annotations

from typing import Any, ClassVar

from forms.fields.base import field_types
from forms.fields.file import FileField


@field_types.register("image")
class ImageField(FileField):
    """One or several pictures: PNG, JPEG, GIF or WebP.

    ```yaml
    photo: {type: image, label: 现场照片, multiple: true, max_size: 5}
    ```
    """

    options: ClassVar[dict[str, Any]] = {key: FileField.options[key] for key in ("multiple", "max_size")}
    groups = ("image",)
