"""From results to pages: contexts, drawings, templates, checks; never torch, never a stage."""
