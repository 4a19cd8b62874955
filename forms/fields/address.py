"""Address: province, city, district and the rest."""

from __future__ import annotations

import re
from typing import Any

from forms.fields.base import BadValue, field_types
from forms.fields.json import JsonField
from forms.fields.text import UNWANTED

PARTS = ("province", "city", "district", "detail")
MUNICIPALITIES = "北京|天津|上海|重庆"
PROVINCES = "河北|山西|辽宁|吉林|黑龙江|江苏|浙江|安徽|福建|江西|山东"
MORE = "河南|湖北|湖南|广东|海南|四川|贵州|云南|陕西|甘肃|青海|台湾"
REGIONS = "内蒙古|广西|西藏|宁夏|新疆"
SPLIT = re.compile(
    rf"(?P<province>(?:{MUNICIPALITIES})市?|(?:{PROVINCES}|{MORE})省?|(?:{REGIONS})(?:(?:壮族|回族|维吾尔)?自治区)?"
    r"|(?:香港|澳门)(?:特别行政区)?)"
    r"\s*(?P<city>[^省市区县\s]{1,12}?(?:自治州|地区|盟|市))?\s*(?P<district>[^省市区县\s]{1,12}?(?:区|县|旗|市))?\s*(?P<detail>.*)"
)


@field_types.register("address")
class AddressField(JsonField):
    """An address in four parts; typed text is taken apart at 省, 市 and 区.

    ```yaml
    reg_address: {type: address, label: 注册地址}
    ```
    """

    def parse(self, text: str) -> Any:
        text = " ".join(text.split())
        found = SPLIT.fullmatch(text)
        parts = {key: part for key, part in found.groupdict().items() if part} if found else {"detail": text}
        return self.accept(parts)

    def accept(self, value: Any) -> Any:
        if isinstance(value, str):
            return self.parse(value)
        if not isinstance(value, dict) or not set(value) <= set(PARTS):
            raise BadValue("请填写地址")
        kept = {}
        for part in PARTS:
            text = value.get(part) or ""
            if not isinstance(text, str):
                raise BadValue("请填写地址")
            if UNWANTED.search(text) or "\n" in text:
                raise BadValue("不能包含控制字符")
            if len(text) > 200:
                raise BadValue("最多 {max} 个字, 现在有 {length} 个", max=200, length=len(text))
            if text.strip():
                kept[part] = text.strip()
        return kept or None

    def format(self, value: Any, locale: str) -> str:
        return "".join(value.get(part, "") for part in PARTS)
