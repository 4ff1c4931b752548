"""Two replies side by side: blind comparisons of the style with the model as it is, and "which is better?"."""
