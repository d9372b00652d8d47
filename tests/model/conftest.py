"""The tiny build, shared with the tests of the command."""

from build_fixtures import built as built
from build_fixtures import same_photos as same_photos
from build_fixtures import tiny_build as tiny_build
