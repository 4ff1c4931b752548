"""Sounds that a message carries: taken in safely here, heard by models that can."""
