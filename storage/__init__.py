"""How everything is kept."""
