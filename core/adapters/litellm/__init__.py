"""The way out to providers through litellm: routes, prices, the wire, and failures in words."""
