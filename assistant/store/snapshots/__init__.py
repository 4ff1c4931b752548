"""Snapshots: earlier states of everything but models and logs, in a folder beside the data folder.

``objects`` keeps pieces of files under their hashes, so that what did not change is kept once; ``snapshot`` takes, lists
and thins; ``contents`` tells what changed; ``bringing_back`` restores one chat or all of it.
"""
