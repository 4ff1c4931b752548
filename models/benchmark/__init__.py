"""Measuring a loaded model, and the machine's limits that it is a fraction of."""
