"""Markdown from a model, made into plain data and then into a Qt document: nothing of it is trusted or loaded."""
