"""From results to pages; never torch, never a stage.

``pages/`` holds a file a kind of page, ``sections/`` a file a section of the class page,
``charts/`` a file a drawing, ``publish/`` what writes, checks and serves. Modules beside this one
are what several of those share: records, numbers, colors, badges, pictures, sentences.
"""

from lens_site.site.records import MenuEntry as MenuEntry
from lens_site.site.records import Page as Page
from lens_site.site.records import Section as Section
from lens_site.site.records import Site as Site
from lens_site.site.records import View as View
