"""A registry of skills for a team, over HTTP."""
