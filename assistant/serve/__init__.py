"""`attune serve`: the OpenAI-compatible API over HTTP, a third front beside the window and the command line.

``server`` starts and ends it, ``app`` has the routes, ``guard`` decides who may ask, ``requests`` reads what is asked,
``replies`` has it written, one request after the other, ``engine`` is the asynchronous side of the engine's client, and
``responses`` gives answers the form that OpenAI's clients expect.
"""
