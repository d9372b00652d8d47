"""One picture of the user's, explained with the dictionary of a class that is already built."""

from lens_site.explain.local import Local as Local
from lens_site.explain.local import explain as explain
from lens_site.explain.picture import draw as draw
