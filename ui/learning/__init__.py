"""Learning as the user sees it: the update under way, and the style that came of it."""
