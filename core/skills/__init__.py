"""What a skill is: its folder, its versions, what it needs, and how it comes in and goes out."""
