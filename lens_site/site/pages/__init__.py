"""The pages of a site, a file a kind: addresses, context, place in menu and sitemap.

A kind of page is one name in three places: a module here that holds ``PAGE``, a template and, if
it needs them, a style sheet and scripts. The site is made of the files of this folder.
"""
