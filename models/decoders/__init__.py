"""Running a model: one small protocol, and a decoder for each way, with its cache."""
