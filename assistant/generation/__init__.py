"""Writing a reply: sampling, streaming, stopping, and the loop that joins them. Engine process only."""
