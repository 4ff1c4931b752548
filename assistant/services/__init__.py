"""What every front end calls: chat, learning, styles, models, library.

Each decision is made here once: when an update starts, how its result is registered, what import, reset and forget mean.
A service takes the store and the engine client and gives back dataclasses; it prints nothing and knows no widget. It belongs
to the thread of the store that it was given.
"""
