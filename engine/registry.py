"""Open sets: a folder of one-file types, registered through the same door by built-ins and plug-ins."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from importlib.metadata import entry_points
from typing import Generic, TypeVar

T = TypeVar("T")


class Registry(Mapping[str, type[T]], Generic[T]):
    """The types of one open set by name; `group` is its entry-point group, such as `guiju.fields`."""

    def __init__(self, noun: str, group: str) -> None:
        self.noun, self.group = noun, group
        self._types: dict[str, type[T]] = {}
        self._plugged = False

    def register(self, name: str) -> Callable[[type[T]], type[T]]:
        """Register a class under its YAML name; a taken name is a programming error."""

        def remember(cls: type[T]) -> type[T]:
            if name in self._types:
                raise ValueError(f"{self.noun} {name!r} is registered twice")
            self._types[name] = cls
            cls.name = name  # type: ignore[attr-defined]
            return cls

        return remember

    def plug_in(self) -> None:
        """Import what other distributions offer for this set, once."""
        if not self._plugged:
            self._plugged = True
            for entry in entry_points(group=self.group):
                entry.load()

    def __getitem__(self, name: str) -> type[T]:
        return self._types[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._types)

    def __len__(self) -> int:
        return len(self._types)
