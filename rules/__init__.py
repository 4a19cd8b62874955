"""React to events and to time, once, and say why."""
