"""Measure records: datasets, measures, widgets."""
