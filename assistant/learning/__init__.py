"""Learning from ratings: signals -> reward head -> policy -> gate -> versions (docs/learning.md).

Torch-free, for the window and the command line: ``signals``, ``traits``, ``reward``, ``jobs.make_job``,
``versions`` (register, verify, export, bring_in), ``steering.to_request`` and ``steering.choose``. In the engine only:
``update.run(job, model)``, ``steering.Guidance``. Importing this package loads nothing.
"""
