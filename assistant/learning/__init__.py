"""Learning from ratings (docs/learning.md). Importing this package loads nothing.

Here stands what a front end needs, without torch: ratings as feedback, the head as it is now, what a request asks for, style
card and style queries, update jobs and versions. ``reward_head`` scores replies as this user would, ``training`` makes an
adapter (in the engine only), ``checks`` decides whether it is better, and ``update`` runs all of it.
"""
