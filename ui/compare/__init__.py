"""Two replies side by side: blind comparisons of the style with the original model, and "which is better?"."""
