"""What a channel is: it takes one message to one recipient and says honestly what became of it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Literal

from engine.registry import Registry

Outcome = Literal["sent", "shown"]  # shown: nothing is set up to deliver it, so it stays visible in the outbox


@dataclass(frozen=True, slots=True)
class Message:
    """One message to one recipient; `key` and `at` are the same on every attempt."""

    channel: str
    recipient: str
    subject: str
    body: str
    data: Mapping[str, Any]
    key: str
    at: datetime


class Channel(ABC):
    """One way out of the house; how to reach its server is the operator's to say, in the environment."""

    name: ClassVar[str]
    options: ClassVar[Mapping[str, Any]] = {}  # what `data` of a message may hold, as JSON Schema properties

    @abstractmethod
    def deliver(self, message: Message, handing_over: Callable[[], None]) -> Outcome:
        """Deliver the message and return what became of it.

        Call `handing_over` right before the step that cannot be taken back. Until then every failure is
        tried again; after it only a DeliveryError is, which means that the other side has refused. Anything
        else leaves the outcome to a person. A DeliveryError that is permanent is never tried again.
        """


channels: Registry[Channel] = Registry("channel", "guiju.channels")
