"""The description of the API holds: it is valid, and whatever is sent by it or against it, nothing breaks."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from openapi_spec_validator import OpenAPIV31SpecValidator
from schemathesis import GenerationMode, checks

from engine.database import Database
from engine.sandbox import SandboxClock
from tests.ui.apisite import FILES, Api, opened, write_app

CREDIT = Path(__file__).parents[2] / "examples" / "credit"
EXAMPLES = 8  # of each operation, once by the description and once against it
MOVE = "POST /sandbox/clock"
LOOKED_AT = [
    checks.not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
]


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    root = tmp_path_factory.mktemp("fuzz")
    write_app(root / "app", FILES)
    database = Database(f"sqlite:///{root}/fuzz.sqlite3")
    found = opened(root / "app", database, SandboxClock(database))
    client = found.made("client", {"name": "甲", "limit": 1000})["id"]
    found.made("deal", {"client": client, "amount": 5, "kind": "a"})
    found.made("thing", {"name": "螺丝"})
    found.call("POST", "/flows/big_deal/instances", {"values": {"name": "乙"}})
    yield found
    database.close()


@pytest.mark.parametrize("login", ["wang", "li", "gu"])
def test_the_description_is_valid(api: Api, login: str) -> None:
    document = api.call("GET", "/openapi.json", who=login).json
    OpenAPIV31SpecValidator(document).validate()
    assert ("/forms/client/records" in document["paths"]) is (login != "gu")
    assert ("secret" in json.dumps(document)) is (login == "li")


def test_the_description_of_the_shipped_app_is_valid(tmp_path: Path) -> None:
    from engine import people
    from engine.principal import SYSTEM
    from ui.api.openapi import document
    from ui.compose import open_app

    app = open_app(CREDIT, f"sqlite:///{tmp_path}/credit.sqlite3")
    with app.work(SYSTEM) as work:
        people.load(work, {"people": {"lin": {"name": "林", "roles": ["sales"]}}})
        found = document(work.catalog, people.principal(work, "lin"))
    app.close()
    OpenAPIV31SpecValidator(found).validate()
    assert "/flows/credit_application/instances" in found["paths"]


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["valid", "invalid"])
def test_nothing_that_is_sent_breaks_it(api: Api, mode: GenerationMode) -> None:
    headers = {"Authorization": f"Bearer {api.key('li')}"}
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", api.flask, headers=headers)
    wrong: list[str] = []
    answered: Counter[int] = Counter()
    for found in schema.get_all_operations():
        operation = found.ok()
        if operation.label == MOVE and mode is GenerationMode.POSITIVE:
            continue  # a year of days, each with all that falls due

        @settings(
            max_examples=EXAMPLES, deadline=None, database=None, derandomize=True,
            suppress_health_check=list(HealthCheck),
        )  # fmt: skip
        @given(case=operation.as_strategy(generation_mode=mode))
        def try_it(case: schemathesis.Case) -> None:
            case.headers["Authorization"] = headers["Authorization"]
            if mode is GenerationMode.POSITIVE and "id" in case.path_parameters:
                case.path_parameters["id"] = 1  # one that is there
            answer = case.call_and_validate(headers=headers, checks=LOOKED_AT)
            answered[answer.status_code] += 1

        try:
            try_it()
        except BaseException as error:  # groups of failures are no Exception
            wrong.append(f"{operation.label}: {error!r}"[:1500])
    assert not wrong, "\n\n".join(wrong)
    good, bad = sum(answered[status] for status in (200, 201, 204)), answered[400] + answered[404] + answered[422]
    assert good > 50 if mode is GenerationMode.POSITIVE else bad > 100, answered
