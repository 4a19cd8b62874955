"""Source: strict YAML in, with the place of everything, and the same text out again."""

from engine.source.document import Document, Node, Path
from engine.source.reader import decode, read, read_text
from engine.source.tidy import fmt
from engine.source.writer import write

__all__ = ["Document", "Node", "Path", "decode", "fmt", "read", "read_text", "write"]
