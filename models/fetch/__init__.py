"""Which models there are, where their files come from, and getting them whole and checked."""
