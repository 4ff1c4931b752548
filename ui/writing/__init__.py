"""The writing desk: kinds of text as forms, made into a message."""
