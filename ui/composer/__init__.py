"""Where a message is written: text, pictures waiting to be sent, and the button that sends or stops."""
