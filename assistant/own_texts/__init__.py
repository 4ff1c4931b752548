"""Texts that the user wrote: read from files and mail, and what the request for each would have been."""
