"""What Dexter is: no chat and no SQL are known here."""
