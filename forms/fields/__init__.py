"""The kinds of fields, one file each; built-ins are listed here, others come through the group guiju.fields."""

from forms.fields import (  # noqa: F401
    address,
    boolean,
    choice,
    choices,
    date,
    datetime,
    department,
    duration,
    email,
    file,
    geo,
    image,
    integer,
    json,
    lines,
    long_text,
    money,
    number,
    percent,
    person,
    phone,
    reference,
    related,
    rich_text,
    role,
    serial,
    signature,
    tags,
    text,
    time,
    url,
)
from forms.fields.base import BadValue, FieldType, Place, field_types

__all__ = ["BadValue", "FieldType", "Place", "field_types"]
