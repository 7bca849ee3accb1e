"""Run the command line: ``python -m sgrna_estimator``."""

from sgrna_estimator.cli.app import main

if __name__ == "__main__":
    main()
