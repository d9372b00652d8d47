"""The classifier: encoder g, head h, classes, preprocessing (methods.md §1)."""

from lens_site.classifier.classifier import Classifier as Classifier
from lens_site.classifier.classifier import prepare_model as prepare_model
from lens_site.classifier.load import DEFAULT_MODEL as DEFAULT_MODEL
from lens_site.classifier.load import check_name as check_name
from lens_site.classifier.load import list_layers as list_layers
from lens_site.classifier.load import load_classifier as load_classifier
from lens_site.classifier.split import Encoded as Encoded
