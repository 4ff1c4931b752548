"""The versions of the style: what each learned, what its checks said, and which one writes."""
