"""Files of messages: chips with their names, and a preview of what was read in them."""
