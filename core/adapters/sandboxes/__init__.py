"""Where programs run apart from this machine: one module or package for each way."""
