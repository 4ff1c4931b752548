"""The models: which are on this computer, which one answers."""
