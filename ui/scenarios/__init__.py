"""Scenarios: tests of an app, written in YAML beside it and played on a fresh database with a clock of their own."""
