"""What `dexter doctor` looks at: each probe asks one thing of the machine and finds."""
