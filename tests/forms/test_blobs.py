"""Files: told by their content, tied to the record they are saved with, handed only to who may see it."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import pytest

from engine.errors import AccessDenied, InputError, NotFound
from forms import blobs, records
from tests.forms.conftest import FILES, Shop

PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 20
PDF = b"%PDF-1.7\n%..."
FORM = FILES["forms/customer.yaml"].replace(
    "  orders:",
    "  papers: {type: file, label: 资料, multiple: true, accept: [pdf, image], max_size: 1}\n  orders:",
    1,
)


def office(folder: str) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr(f"{folder}/document.xml", "<x/>")
    return made.getvalue()


@pytest.mark.parametrize(
    ("content", "media"),
    [
        (PNG, "image/png"),
        (PDF, "application/pdf"),
        (b"RIFF....WEBPVP8 ", "image/webp"),
        (office("word"), "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        (office("other"), "application/zip"),
        ("合同 text".encode(), "text/plain"),
        ("合同".encode("gb18030"), "text/plain"),
        (b"<svg xmlns='x' onload='alert(1)'/>", None),
        (b"<!DOCTYPE html><script>", None),
        (b"  <html>", None),
        (b"MZ\x90\x00\x03", None),
        (b"PK\x03\x04broken", None),
    ],
)
def test_the_content_says_what_a_file_is(content: bytes, media: str | None) -> None:
    assert blobs.sniff(content) == media


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\temp\\合同.pdf", "合同.pdf"),
        ("a\r\nSet-Cookie: x.pdf", "a__Set-Cookie_ x.pdf"),
        ("gpj.\u202efdp.exe", "gpj._fdp.exe"),
        ("  ", "file"),
        ("x" * 300 + ".pdf", "x" * 120 + ".pdf"),
    ],
)
def test_a_name_carries_no_path_and_no_tricks(given: str, kept: str) -> None:
    assert blobs.clean_name(given) == kept


@pytest.fixture
def papers(opened: Any) -> Shop:
    return opened({"forms/customer.yaml": FORM})


def upload(work: Any, name: str = "合同.pdf", content: bytes = PDF) -> int:
    form = work.catalog["form"]["customer"]
    return blobs.upload(work, form, form.fields["papers"], name, content).id


def test_an_upload_is_saved_with_its_record_and_read_again(papers: Shop) -> None:
    with papers.work("wang") as work:
        file = upload(work)
        id = records.save(work, "customer", {"name": "甲", "papers": [file]}).id
    with papers.work("zhao", read=True) as work:
        (kept,) = records.get(work, "customer", id)["papers"]
        assert (kept.name, kept.size, kept.media) == ("合同.pdf", len(PDF), "application/pdf")
        assert blobs.read(work, file).content == PDF
    with papers.work("li", read=True) as work, pytest.raises(NotFound):
        blobs.read(work, file)


def test_a_file_is_used_by_its_uploader_on_its_field_only(papers: Shop) -> None:
    with papers.work("wang") as work:
        file = upload(work)
    with papers.work("li") as work:
        for wrong in (file, 999):
            with pytest.raises(InputError, match="文件不存在或不可用"):
                records.save(work, "customer", {"name": "乙", "papers": [wrong]})
        with pytest.raises(NotFound):
            blobs.read(work, file)
    with papers.work("wang") as work:
        records.save(work, "customer", {"name": "甲", "papers": [file]})
        with pytest.raises(InputError, match="文件不存在或不可用"):
            records.save(
                work, "customer", {"name": "又一家", "papers": [{"id": file, "name": "x", "size": 1, "media": "y"}]}
            )


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "文件是空的"),
        (b"<svg/>", "不支持这种文件"),
        (b"text", "不支持这种文件"),
        (PDF + b"x" * 1024 * 1024, "文件过大, 最多 1 MB"),
    ],
)
def test_what_is_not_accepted_is_refused_in_words(papers: Shop, content: bytes, words: str) -> None:
    with papers.work("wang") as work, pytest.raises(InputError) as refused:
        upload(work, "x.png", content)
    assert refused.value.fields == {"papers": [words]}


def test_only_who_may_write_the_field_may_upload(papers: Shop) -> None:
    with papers.work("out") as work, pytest.raises(AccessDenied):
        upload(work)
