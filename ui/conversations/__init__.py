"""The left side: new chat, search over everything, and the conversations by age."""
