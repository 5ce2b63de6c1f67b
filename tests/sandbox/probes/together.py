"""Runs several probes in one program, each after the other."""

import importlib


def run(subject, names, given):
    """Return by name what each probe reached; one that fails by a fault of its own has reached that."""
    module = importlib.import_module(subject)
    found = {}
    for name in names:
        try:
            found[name] = getattr(module, name)(given)
        except Exception as error:  # whatever it is, it must be seen
            found[name] = [f"{type(error).__name__}: {error}"]
    return found
