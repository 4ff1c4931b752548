"""The style card: its sentences, to be read and changed."""
