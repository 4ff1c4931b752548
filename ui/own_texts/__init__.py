"""Write like me: texts of the user's own that the style learns from."""
