"""One picture of the user's, explained with the dictionary of a class that is already built."""

from lens_site.explain.drawing import draw as draw
from lens_site.explain.explanation import Explanation as Explanation
from lens_site.explain.explanation import explain_picture as explain_picture
