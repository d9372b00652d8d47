"""The ``lens`` command; ``lens-build`` is ``lens build``. Nothing heavy is imported before use."""

import os

from lens_site.cli.bench import bench as bench
from lens_site.cli.commands import build as build
from lens_site.cli.commands import build_main as build_main
from lens_site.cli.commands import main as main
from lens_site.cli.name import name as name
from lens_site.cli.new import new as new
from lens_site.cli.publish import publish as publish
from lens_site.cli.status import status as status
from lens_site.cli.verify import verify as verify

# Read when torch is first imported: waiting threads sleep instead of spinning. On two cores that
# also decode pictures, spinning made forward passes up to ten times slower.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
