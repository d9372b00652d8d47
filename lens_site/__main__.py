"""``python -m lens_site`` is ``lens``."""

from lens_site.cli import main

main(prog_name="lens")
