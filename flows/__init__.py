"""Decide: instances, tasks, due dates."""
