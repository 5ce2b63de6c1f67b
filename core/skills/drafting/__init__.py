"""From a request to a draft: members write code and tests, all of it is run, and what agrees is counted."""
