"""Words that people read when a record cannot be saved: Chinese is the base, English its translation."""

from __future__ import annotations

from typing import Any

ENGLISH: dict[str, str] = {
    "请填写": "Please fill this in",
    "请填写数字": "Please enter a number",
    "请填写整数": "Please enter a whole number",
    "请填写文字": "Please enter text",
    "请填写日期, 例如 2026-03-01": "Please enter a date such as 2026-03-01",
    "请填写日期和时间, 例如 2026-03-01 09:30": "Please enter a date and time such as 2026-03-01 09:30",
    "请填写时间, 例如 09:30": "Please enter a time such as 09:30",
    "请填写时长, 例如 2d 4h 30m": "Please enter a duration such as 2d 4h 30m",
    "请选择是或否": "Please choose yes or no",
    "请从列表中选择": "Please choose from the list",
    "请填写列表": "Please enter a list",
    "不能包含控制字符": "Control characters are not allowed",
    "不能换行": "Line breaks are not allowed",
    "最多 {max} 个字, 现在有 {length} 个": "At most {max} characters; there are {length}",
    "至少 {min} 个字, 现在有 {length} 个": "At least {min} characters; there are {length}",
    "格式不正确": "The format is not right",
    "不能小于 {min}": "Must not be less than {min}",
    "不能大于 {max}": "Must not be greater than {max}",
    "数字太大": "The number is too large",
    "最多 {scale} 位小数": "At most {scale} decimals",
    "“{value}”不在可选值中": "“{value}” is not one of the choices",
    "“{value}”重复": "“{value}” is repeated",
    "最多选择 {max} 项": "Choose at most {max}",
    "请填写电子邮箱, 例如 name@example.com": "Please enter an e-mail address such as name@example.com",
    "请填写电话号码": "Please enter a telephone number",
    "请填写网址, 以 http:// 或 https:// 开头": "Please enter a web address that begins with http:// or https://",
    "请选择一条记录": "Please choose a record",
    "记录不存在或不可见": "There is no such record, or you may not see it",
    "这条记录不在可选范围内": "This record is not among those offered here",
    "请选择人员": "Please choose a person",
    "人员不存在或已停用": "There is no such person, or they are no longer active",
    "部门不存在": "There is no such department",
    "角色不存在": "There is no such role",
    "不可填写": "This field cannot be written",
    "没有这个字段": "There is no such field",
    "不能与已有记录重复": "Another record already has this value",
    "检查未通过": "The check did not pass",
    "早于允许的最早日期 {min}": "Before the earliest date allowed, {min}",
    "晚于允许的最晚日期 {max}": "After the latest date allowed, {max}",
    "文件不存在或不可用": "There is no such file, or it may not be used here",
    "文件过大, 最多 {max} MB": "The file is too large; at most {max} MB",
    "不支持这种文件": "This kind of file is not accepted",
    "文件是空的": "The file is empty",
    "请填写地址": "Please enter an address",
    "请填写经纬度, 例如 31.23,121.47": "Please enter latitude and longitude such as 31.23,121.47",
    "请填写 JSON": "Please enter JSON",
    "内容太大": "The content is too large",
    "第 {row} 行: {words}": "Row {row}: {words}",
    "{count} 行有误": "{count} rows are wrong",
    "这行不存在": "There is no such row",
    "最多 {max} 行": "At most {max} rows",
    "至少 {min} 行": "At least {min} rows",
    "记录已被 {who} 修改, 请重新载入": "{who} has changed the record; please reload",
    "记录不存在": "There is no such record",
    "没有新建{label}的权限": "You may not create: {label}",
    "没有导出{label}的权限": "You may not export: {label}",
    "一次最多导出 {max} 行, 请先筛选": "At most {max} rows at once; please filter first",
    "没有修改这条记录的权限": "You may not change this record",
    "没有删除这条记录的权限": "You may not delete this record",
    "有记录引用它, 不能删除": "Other records refer to it; it cannot be deleted",
    "需要说明理由": "A reason is needed",
    "是": "Yes",
    "否": "No",
    "系统": "System",
}


def say(locale: str, text: str, **values: Any) -> str:
    """Return these words in the reader's language, with the values filled in."""
    if locale.startswith("en"):
        text = ENGLISH.get(text, text)
    return text.format(**values) if values else text
