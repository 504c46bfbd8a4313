"""Entry of the self-contained program, and of ``python -m installer``."""

import sys

from installer.programs import RUN, run_module

if __name__ == "__main__":
    if sys.argv[1:2] == [RUN]:
        run_module(sys.argv[2])
    else:
        from installer.cli import main

        main()
