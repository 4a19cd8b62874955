"""Decide: flows, their instances and tasks, and what falls due."""
