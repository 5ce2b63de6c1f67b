"""When Dexter speaks of its own accord: the words people use, the times they mean, and what is to be done then."""
