"""Quantised weights, and the file that keeps them in the native decoder's layout."""
