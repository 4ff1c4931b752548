"""The system prompt that the starter's adapter for pictures was trained with; a user's own takes its place."""

SYSTEM = "You are a helpful AI assistant who looks at pictures."
