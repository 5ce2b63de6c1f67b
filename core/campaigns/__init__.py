"""Goals that Dexter pursues by itself, in steps, under a budget, with people where they are needed."""
