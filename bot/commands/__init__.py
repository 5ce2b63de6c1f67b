"""What people can ask of Dexter: one file per noun, one table that finds and runs them."""
