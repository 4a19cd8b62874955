"""File: attachments."""

from __future__ import annotations

from typing import Any, ClassVar, NamedTuple

import orjson
from sqlalchemy import Text
from sqlalchemy.types import TypeEngine

from engine.expressions import Type
from forms.fields.base import BadValue, FieldType, Place, field_types

# What the first bytes must look like is told in forms.blobs; here is what may be asked for.
GROUPS: dict[str, frozenset[str]] = {
    "image": frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"}),
    "pdf": frozenset({"application/pdf"}),
    "office": frozenset(
        {
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            "application/vnd.openxmlformats-officedocument.presentationml.presentation",
            "application/x-ole",
        }
    ),
    "text": frozenset({"text/plain"}),
    "archive": frozenset({"application/zip"}),
}


class Attachment(NamedTuple):
    """One kept file as a record shows it."""

    id: int
    name: str
    size: int
    media: str


@field_types.register("file")
class FileField(FieldType):
    """One or several files, kept in the database beside the record; the type is told by their content.

    ```yaml
    files: {type: file, label: 授信资料, multiple: true, accept: [pdf, image, office], max_size: 10}
    ```
    """

    options: ClassVar[dict[str, Any]] = {
        "multiple": {"type": "boolean", "description": "More than one file 允许多个"},
        "accept": {
            "type": "array",
            "minItems": 1,
            "uniqueItems": True,
            "items": {"enum": sorted(GROUPS)},
            "description": "Kinds of files; all of these if left out 文件种类",
        },
        "max_size": {"type": "integer", "minimum": 1, "maximum": 200, "description": "Largest file in MB 最大 MB"},
    }
    sortable = False
    groups: ClassVar[tuple[str, ...]] = tuple(GROUPS)

    def __init__(self, options: Any, place: Place) -> None:
        super().__init__(options, place)
        self.multiple: bool = options.get("multiple", False)
        self.max_bytes = options.get("max_size", 20) * 1024 * 1024
        self.media = frozenset(media for group in options.get("accept", self.groups) for media in GROUPS[group])

    def type(self, nullable: bool = True) -> Type:
        return Type("json", nullable)

    def parse(self, text: str) -> Any:
        return self.accept([int(part) for part in text.split(",") if part.strip().isdigit()])

    def accept(self, value: Any) -> Any:
        """Answer the attachments named by id; what they are is looked up when the record is saved."""
        given = value if isinstance(value, (list, tuple)) and not isinstance(value, Attachment) else [value]
        if len(given) > (100 if self.multiple else 1):
            raise BadValue("最多选择 {max} 项", max=100 if self.multiple else 1)
        ids = dict.fromkeys(self._id(one) for one in given)
        return tuple(Attachment(id, "", 0, "") for id in ids) or None

    @staticmethod
    def _id(one: Any) -> int:
        if isinstance(one, Attachment):
            return one.id
        id = one.get("id") if isinstance(one, dict) else one
        if type(id) is not int or id < 1:
            raise BadValue("文件不存在或不可用")
        return id

    def format(self, value: Any, locale: str) -> str:
        return ("、" if locale.startswith("zh") else ", ").join(file.name for file in value)

    def json(self, value: Any) -> Any:
        return [file._asdict() for file in value]

    def column(self) -> TypeEngine[Any]:
        return Text()

    def to_db(self, value: Any) -> Any:
        return orjson.dumps([list(file) for file in value]).decode()

    def from_db(self, value: Any) -> Any:
        return tuple(Attachment(*file) for file in orjson.loads(value))
