"""The class page, a file a section: what it says, or None where there is nothing to say.

A section is one name in three places: a module here that holds ``SECTION``, a template and, if it
needs them, a style sheet and scripts. The page is made of the files of this folder; no section
knows another.
"""
