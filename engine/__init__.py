"""Shared by all rooms and knows none of them: language, expressions, units of work, durable jobs, people, time."""
