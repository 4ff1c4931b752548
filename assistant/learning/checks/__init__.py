"""Is it better? The gate of an update, what it measures, and comparisons with the original model."""
