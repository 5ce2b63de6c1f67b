"""Everything that meets people or the clock."""
