"""People: who works with the sample; one login for every role, and a chain of superiors."""

from __future__ import annotations

from pathlib import Path

DEPARTMENTS = {
    "company": ("公司", None, "shen"),
    "sales": ("销售部", "company", "zhao"),
    "sales_east": ("华东销售部", "sales", "he"),
    "sales_south": ("华南销售部", "sales", "luo"),
    "sales_north": ("北方销售部", "sales", "chen"),
    "sales_west": ("中西部销售部", "sales", "peng"),
    "finance": ("财务部", "company", "zheng"),
    "collection": ("催收组", "finance", "feng"),
    "risk": ("风控部", "company", "cao"),
    "legal": ("法务部", "company", "deng"),
    "it": ("信息部", "company", "qian"),
}

# login: name, roles, department, superior
PEOPLE = {
    "shen": ("沈国栋", ["ceo"], "company", None),
    "zhao": ("赵立群", ["sales_director"], "sales", "shen"),
    "he": ("何子谦", ["sales", "sales_manager"], "sales_east", "zhao"),
    "luo": ("罗思敏", ["sales", "sales_manager"], "sales_south", "zhao"),
    "chen": ("陈嘉怡", ["sales", "sales_manager"], "sales_north", "zhao"),
    "peng": ("彭志远", ["sales", "sales_manager"], "sales_west", "zhao"),
    "lin": ("林晓彤", ["sales"], "sales_east", "he"),
    "wu": ("吴佳宁", ["sales"], "sales_east", "he"),
    "huang": ("黄俊豪", ["sales"], "sales_south", "luo"),
    "sun": ("孙浩然", ["sales"], "sales_north", "chen"),
    "ma": ("马雪莹", ["sales"], "sales_north", "chen"),
    "tang": ("唐若曦", ["sales"], "sales_west", "peng"),
    "yang": ("杨文杰", ["sales"], "sales_west", "peng"),
    "zheng": ("郑海燕", ["cfo"], "finance", "shen"),
    "zhou": ("周文博", ["finance"], "finance", "zheng"),
    "xu": ("许静", ["finance"], "finance", "zhou"),
    "feng": ("冯志强", ["collector"], "collection", "zheng"),
    "cao": ("曹明轩", ["risk"], "risk", "shen"),
    "deng": ("邓雅文", ["legal"], "legal", "shen"),
    "qian": ("钱程", ["admin"], "it", "shen"),
}

# Who sells where; the first of a region looks after the big accounts.
SELLERS = {
    "华东": ["lin", "wu", "he"],
    "华南": ["huang", "luo"],
    "华北": ["sun", "ma"],
    "东北": ["chen"],
    "华中": ["yang"],
    "西部": ["tang", "peng"],
}


def name(login: str) -> str:
    return PEOPLE[login][0]


def write(path: Path) -> None:
    """Write people.yaml; logins are short, and everybody's address is made up."""
    lines = [
        "# One login for every role. The password of all of them is shown when the sample is loaded.",
        "departments:",
    ]
    for id, (label, parent, head) in DEPARTMENTS.items():
        above = f", parent: {parent}" if parent else ""
        lines.append(f"  {id}: {{label: {label}{above}, head: {head}}}")
    lines.append("people:")
    for login, (label, roles, department, superior) in PEOPLE.items():
        given = f"name: {label}, roles: [{', '.join(roles)}], department: {department}"
        above = f", superior: {superior}" if superior else ""
        lines.append(f"  {login}: {{{given}{above}, email: {login}@guiju.example}}")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
