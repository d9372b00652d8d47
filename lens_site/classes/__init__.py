"""One class explained: from the activations of its images to everything its pages show.

``stages`` names the steps in order. Beside it: ``concepts`` (steps one and two), ``scores`` (the
logit as a function of codes), ``how_many``, ``quality``, ``faithfulness``, ``recursion``,
``pictures``, ``studio``, ``visualizing`` and ``picture_checks`` (pictures by gradients), and
``record``, which alone knows the schema. Nothing here knows files or engines.
"""
