"""From the start of the process to the first answer, and the memory of a process that waits."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator

from tests.bench import servers
from tests.bench.measure import Line, ms
from tests.bench.stage import FOLDER, Stage

IDLE = 1.0  # seconds to come to rest
VERBS = {"web": "one web process of several", "run": "pages, API, worker and timer"}


def run(stage: Stage) -> Iterator[Line]:
    taken: dict[str, list[tuple[float, float]]] = {"web": [], "run": [], "twin": []}
    for _ in range(3):
        for name, seen in taken.items():
            server = servers.twin(stage.twin_url) if name == "twin" else servers.guiju(FOLDER, stage.url, name)
            with server as one:
                time.sleep(IDLE)
                seen.append((one.ready, one.memory()))
    ready = {name: statistics.median(one[0] for one in seen) for name, seen in taken.items()}
    memory = {name: statistics.median(one[1] for one in seen) for name, seen in taken.items()}
    for name, words in VERBS.items():
        ratio, bigger = ready[name] / ready["twin"], memory[name] / memory["twin"]
        yield Line(f"guiju {name} ({words}): first answer", ms(ready[name]), f"{ms(ready['twin'])} twin", ratio)
        yield Line("  idle memory (PSS)", f"{memory[name]:.0f} MB", f"{memory['twin']:.0f} MB twin", bigger)
