"""Reading: what each scalar becomes, what is refused, and where."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import ConfigErrors, SourceError
from engine.source import read, read_text


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("true", True),
        ("false", False),
        ("True", "True"),
        ("yes", "yes"),
        ("no", "no"),
        ("on", "on"),
        ("null", None),
        ("~", None),
        ("", None),
        ("Null", "Null"),
        ("0", 0),
        ("-7", -7),
        ("+7", "+7"),
        ("0012", "0012"),
        ("1_000", "1_000"),
        ("0x1f", "0x1f"),
        ("0.10", Decimal("0.10")),
        ("-12345678901234567890.123456789", Decimal("-12345678901234567890.123456789")),
        (".5", ".5"),
        ("5.", "5."),
        ("1e3", "1e3"),
        (".inf", ".inf"),
        ("12:30", "12:30"),
        ("2026-03-01", "2026-03-01"),
        ("'1'", "1"),
        ('"true"', "true"),
        ("''", ""),
        ("9" * 41, "9" * 41),
        ("中文", "中文"),
    ],
)
def test_a_scalar_is_what_is_written(written: str, value: Any) -> None:
    found = read_text(f"a: {written}\n", "f.yaml").value["a"]
    assert (found, type(found)) == (value, type(value))
    assert str(found) == str(value)  # 0.10 keeps its zero


def test_keys_are_texts_as_written() -> None:
    assert read_text("null: 1\ntrue: 2\n01: 3\n1.50: 4\n'': 5\n", "f").value == {
        "null": 1,
        "true": 2,
        "01": 3,
        "1.50": 4,
        "": 5,
    }


def test_an_empty_file_holds_nothing() -> None:
    for text in ("", "# only words\n", "---\n"):
        assert read_text(text, "f").value is None


def said(text: str) -> list[str]:
    with pytest.raises(ConfigErrors) as refused:
        read_text(text, "f")
    assert all(isinstance(error, SourceError) and error.mark for error in refused.value.errors)
    return [f"{error.mark.line}:{error.mark.column} {error.message}" for error in refused.value.errors]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: 1\na: 2\n", "2:1 the key 'a' stands here twice"),
        ("a: {b: 1, 'b': 2}\n", "1:11 the key 'b' stands here twice"),
        ("\ufeffa: 1\n", "1:1 the file begins with a byte order mark"),
        ("a: 1\nb: x\0y\n", "2:5 the character U+0000 (NUL) cannot be read"),
        ("a: 1\rb: 2\n", "1:5 a line ends with a lone carriage return"),
        ("a: x\u2028y\n", "1:5 the character U+2028 (line separator) cannot be read"),
        ("a: \x07\n", "1:4 the character U+0007 (control character) cannot be read"),
        ("a: 1\n---\nb: 2\n", "2:1 a second document begins here"),
        ("[" * 41 + "]" * 41, "1:41 this is nested deeper than 40 levels"),
        ("a:\n  : 1\n", "2:3 a key is missing before ':'"),
        ("? a\n: b\n", "1:3 keys that begin with '?' are not read"),
        ("a: [b: 1]\n", "1:5 a map inside a list needs braces"),
        ("%YAML 1.1\n---\na: 1\n", "1:1 directives such as %YAML are not read"),
    ],
)
def test_what_is_not_our_yaml_is_refused(text: str, message: str) -> None:
    assert message in said(text)


def test_every_mistake_is_told_at_once() -> None:
    assert said("a: &x 1\nb: *x\nc: !!str 3\n<<: {d: 1}\na: 2\ne: [1, 2\n") == [
        "1:4 anchors such as &x are not read",
        "2:4 aliases such as *x are not read",
        "3:4 tags are not read",
        "4:1 merge keys are not read",
        "5:1 the key 'a' stands here twice",
        "7:1 a ',' or ']' is missing in the list that begins in line 6, column 4",
    ]


def test_sizes_are_bounded() -> None:
    assert said("a: " + "x" * 300_000) == ["1:1 the file is larger than 256 KB"]
    (many,) = said("[" + "1," * 60_000 + "1]")
    assert "more than 50,000 values" in many


def test_deep_nesting_stops_early() -> None:
    """The parser slows down with every open bracket; a file full of them must not take long."""
    assert said("[" * 200_000) == ["1:41 this is nested deeper than 40 levels"]


def test_bytes_that_are_not_utf8(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_bytes("a: 好\nb: 中".encode()[:-1])
    with pytest.raises(ConfigErrors, match=r"a.yaml:2:4: this is not UTF-8 text"):
        read(path)


def test_a_file_with_windows_line_ends(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_bytes(b"a: 1\r\nb: |\r\n  x\r\n  y\r\n")
    document = read(path, "a.yaml")
    assert document.value == {"a": 1, "b": "x\ny\n"}
    assert str(document.mark("b").at(2)) == "a.yaml:4:3"


@given(st.text(alphabet="ab01: -[]{},&*!|>'\"%@`#?~\n\t\\é中", max_size=40))
def test_any_text_reads_or_is_refused(text: str) -> None:
    try:
        document = read_text(text, "f")
    except ConfigErrors as refused:
        assert all(isinstance(error, SourceError) and error.mark for error in refused.errors)
    else:
        assert document.text == text
