"""Where core's ports meet vendor packages; nothing here is imported by core itself, only by `bot.app`."""
