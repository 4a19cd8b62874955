"""Which function a call in the tree means."""

from engine.expressions.functions import FUNCTIONS, Function
from engine.expressions.functions.people import MANAGES


def lookup(name: str) -> Function:
    """The function of this name; `manages` is only written as `user.manages(person)`."""
    return MANAGES if name == "manages" else FUNCTIONS[name]
