"""Channels: the ways out of the house, one file each."""

from engine.channels.base import Channel, Message, channels
from engine.channels.email import Email

__all__ = ["Channel", "Email", "Message", "channels"]
