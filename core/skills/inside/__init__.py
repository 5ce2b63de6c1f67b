"""What runs in the sandbox beside a skill: copied in as the package `_dexter`, and importing nothing of Dexter's."""
