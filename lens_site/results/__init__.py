"""What was computed, on disk: schema, store, archive. Nothing here needs torch."""

from lens_site.results.schema import ClassResult as ClassResult
from lens_site.results.schema import RunResult as RunResult
from lens_site.results.store import latest_run as latest_run
from lens_site.results.store import read_class as read_class
from lens_site.results.store import read_run as read_run
