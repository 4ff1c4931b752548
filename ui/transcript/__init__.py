"""The transcript: the messages of a conversation, of which only what is near the view is laid out."""
