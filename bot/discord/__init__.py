"""Discord: what comes in (commands, mentions, buttons), and what is shown."""
