"""How the starter's shipped tables and weights were made. Nothing here runs on a user's machine."""
