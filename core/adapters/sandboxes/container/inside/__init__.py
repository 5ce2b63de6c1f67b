"""What runs inside: nothing of Dexter is imported here, and nobody imports this; the files are copied in."""
