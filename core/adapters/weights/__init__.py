"""Weights of local models: found, fetched, checked against a pinned hash, and kept in a cache."""

from core.adapters.weights.pinned import Pinned, Wheels, pinned
from core.adapters.weights.weights import Progress, Weights

__all__ = ["Pinned", "Progress", "Weights", "Wheels", "pinned"]
