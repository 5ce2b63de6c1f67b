"""Durable runs: DBOS carries each run through crashes; the line at the door says which runs there are."""

from core.adapters.durable.runs import DurableRuns

__all__ = ["DurableRuns"]
