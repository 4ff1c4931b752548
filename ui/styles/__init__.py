"""Which style a conversation is in: the user's own, a named one, a version of it, or none."""
