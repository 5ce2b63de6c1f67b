"""The terminal: `dexter chat`, `dexter ask`, and every other command for people and pipes."""
