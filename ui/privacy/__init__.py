"""Data and privacy: every kind of data that is kept, to open, export or erase."""
